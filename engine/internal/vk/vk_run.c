#include "vk.h"
#include <stdlib.h>

static int create_layouts(avkDevice *d, uint32_t bindings, uint32_t push_bytes, VkDescriptorSetLayout *set_layout, VkPipelineLayout *layout) {
	VkDescriptorSetLayoutBinding b[32];
	for (uint32_t i = 0; i < bindings; i++)
		b[i] = (VkDescriptorSetLayoutBinding){i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
	VkDescriptorSetLayoutCreateInfo set = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, NULL, 0, bindings, b};
	VkResult r = d->CreateDescriptorSetLayout(d->handle, &set, NULL, set_layout);
	if (r) return r;
	VkPushConstantRange range = {VK_SHADER_STAGE_COMPUTE_BIT, 0, push_bytes};
	VkPipelineLayoutCreateInfo info = {VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, NULL, 0, 1, set_layout, push_bytes ? 1 : 0, &range};
	return d->CreatePipelineLayout(d->handle, &info, NULL, layout);
}

int avk_create_pipeline(avkDevice *d, const uint32_t *code, uint64_t code_bytes, uint32_t bindings, uint32_t push_bytes,
	const uint32_t *constant_ids, const uint32_t *constants, uint32_t constant_count, uint32_t subgroup,
	VkDescriptorSetLayout *set_layout, VkPipelineLayout *layout, VkPipeline *out) {
	if (bindings > 32 || constant_count > 32) return VK_ERROR_INITIALIZATION_FAILED;
	VkResult r = create_layouts(d, bindings, push_bytes, set_layout, layout);
	if (r) return r;
	VkShaderModuleCreateInfo source = {VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, NULL, 0, code_bytes, code};
	VkShaderModule module;
	r = d->CreateShaderModule(d->handle, &source, NULL, &module);
	if (r) return r;
	VkSpecializationMapEntry entries[32];
	for (uint32_t i = 0; i < constant_count; i++)
		entries[i] = (VkSpecializationMapEntry){constant_ids[i], 4 * i, 4};
	VkSpecializationInfo special = {constant_count, entries, 4 * constant_count, constants};
	VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO, NULL, subgroup};
	VkPipelineShaderStageCreateInfo stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, subgroup ? &size : NULL,
		subgroup ? VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT : 0,
		VK_SHADER_STAGE_COMPUTE_BIT, module, "main", &special};
	VkComputePipelineCreateInfo info = {VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, NULL, 0, stage, *layout, VK_NULL_HANDLE, -1};
	r = d->CreateComputePipelines(d->handle, VK_NULL_HANDLE, 1, &info, NULL, out);
	d->DestroyShaderModule(d->handle, module, NULL);
	return r;
}

int avk_create_descriptor_pool(avkDevice *d, uint32_t sets, uint32_t buffers, VkDescriptorPool *out) {
	VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, buffers};
	VkDescriptorPoolCreateInfo info = {VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, NULL, 0, sets, 1, &size};
	return d->CreateDescriptorPool(d->handle, &info, NULL, out);
}

int avk_allocate_set(avkDevice *d, VkDescriptorPool pool, VkDescriptorSetLayout layout, const avkBinding *bindings, uint32_t count, VkDescriptorSet *out) {
	if (count > 32) return VK_ERROR_INITIALIZATION_FAILED;
	VkDescriptorSetAllocateInfo info = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, NULL, pool, 1, &layout};
	VkResult r = d->AllocateDescriptorSets(d->handle, &info, out);
	if (r) return r;
	VkDescriptorBufferInfo buffers[32];
	VkWriteDescriptorSet writes[32];
	for (uint32_t i = 0; i < count; i++) {
		buffers[i] = (VkDescriptorBufferInfo){(VkBuffer)(uintptr_t)bindings[i].buffer, bindings[i].offset, bindings[i].range};
		writes[i] = (VkWriteDescriptorSet){VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, NULL, *out, i, 0, 1,
			VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, NULL, &buffers[i], NULL};
	}
	d->UpdateDescriptorSets(d->handle, count, writes, 0, NULL);
	return 0;
}

int avk_create_command_pool(avkDevice *d, VkCommandPool *out) {
	VkCommandPoolCreateInfo info = {VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, NULL, 0, d->family};
	return d->CreateCommandPool(d->handle, &info, NULL, out);
}

int avk_allocate_commands(avkDevice *d, VkCommandPool pool, VkCommandBuffer *out) {
	VkCommandBufferAllocateInfo info = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, NULL, pool, VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
	return d->AllocateCommandBuffers(d->handle, &info, out);
}

static void record_one(avkDevice *d, VkCommandBuffer buffer, const avkCommand *c, const uint8_t *push) {
	const VkPipelineStageFlags work = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT | VK_PIPELINE_STAGE_HOST_BIT;
	switch (c->kind) {
	case AVK_BARRIER: {
		VkMemoryBarrier all = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL,
			VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_HOST_WRITE_BIT,
			VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_HOST_READ_BIT};
		d->CmdPipelineBarrier(buffer, work, work, 0, 1, &all, 0, NULL, 0, NULL);
		break;
	}
	case AVK_DISPATCH: {
		VkPipelineLayout layout = (VkPipelineLayout)(uintptr_t)c->b;
		VkDescriptorSet set = (VkDescriptorSet)(uintptr_t)c->c;
		d->CmdBindPipeline(buffer, VK_PIPELINE_BIND_POINT_COMPUTE, (VkPipeline)(uintptr_t)c->a);
		d->CmdBindDescriptorSets(buffer, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
		if (c->push_bytes) d->CmdPushConstants(buffer, layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, c->push_bytes, push + c->push);
		d->CmdDispatch(buffer, c->x, c->y, c->z);
		break;
	}
	case AVK_COPY: {
		VkBufferCopy region = {c->from, c->to, c->size};
		d->CmdCopyBuffer(buffer, (VkBuffer)(uintptr_t)c->a, (VkBuffer)(uintptr_t)c->b, 1, &region);
		break;
	}
	case AVK_FILL:
		d->CmdFillBuffer(buffer, (VkBuffer)(uintptr_t)c->b, c->to, c->size, c->x);
		break;
	case AVK_TIMESTAMP:
		d->CmdWriteTimestamp(buffer, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, (VkQueryPool)(uintptr_t)c->a, c->x);
		break;
	case AVK_RESET_QUERIES:
		d->CmdResetQueryPool(buffer, (VkQueryPool)(uintptr_t)c->a, c->x, c->y);
		break;
	}
}

int avk_record(avkDevice *d, VkCommandBuffer buffer, const avkCommand *commands, uint32_t count, const uint8_t *push) {
	VkCommandBufferBeginInfo begin = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, NULL, 0, NULL};
	VkResult r = d->BeginCommandBuffer(buffer, &begin);
	if (r) return r;
	for (uint32_t i = 0; i < count; i++) record_one(d, buffer, &commands[i], push);
	return d->EndCommandBuffer(buffer);
}

int avk_create_fence(avkDevice *d, VkFence *out) {
	VkFenceCreateInfo info = {VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, NULL, 0};
	return d->CreateFence(d->handle, &info, NULL, out);
}

int avk_submit(avkDevice *d, const VkCommandBuffer *buffers, uint32_t count, VkFence fence) {
	VkSubmitInfo info = {VK_STRUCTURE_TYPE_SUBMIT_INFO, NULL, 0, NULL, NULL, count, buffers, 0, NULL};
	return d->QueueSubmit(d->queue, 1, &info, fence);
}

int avk_wait(avkDevice *d, VkFence fence, uint64_t nanoseconds) {
	VkResult r = d->WaitForFences(d->handle, 1, &fence, VK_TRUE, nanoseconds);
	if (r) return r;
	return d->ResetFences(d->handle, 1, &fence);
}

int avk_create_query_pool(avkDevice *d, uint32_t count, VkQueryPool *out) {
	VkQueryPoolCreateInfo info = {VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO, NULL, 0, VK_QUERY_TYPE_TIMESTAMP, count, 0};
	return d->CreateQueryPool(d->handle, &info, NULL, out);
}

int avk_query_results(avkDevice *d, VkQueryPool pool, uint32_t count, uint64_t *out) {
	return d->GetQueryPoolResults(d->handle, pool, 0, count, 8 * (size_t)count, out, 8, VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
}
