#include "vk_matrix.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static PFN_vkGetInstanceProcAddr gipa;

int avk_load(const char *library) {
	void *so = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!so) return AVK_NO_LOADER;
	gipa = (PFN_vkGetInstanceProcAddr)dlsym(so, "vkGetInstanceProcAddr");
	return gipa ? 0 : AVK_NO_LOADER;
}

void *avk_get_instance_proc_addr(void) { return (void *)gipa; }

int avk_create_instance(VkInstance *out) {
	PFN_vkCreateInstance create = (PFN_vkCreateInstance)gipa(NULL, "vkCreateInstance");
	PFN_vkEnumerateInstanceExtensionProperties list =
		(PFN_vkEnumerateInstanceExtensionProperties)gipa(NULL, "vkEnumerateInstanceExtensionProperties");
	if (!create || !list) return AVK_MISSING_FUNCTION;
	// Drivers on top of another API (MoltenVK) are listed only on request.
	const char *extensions[1];
	uint32_t n = 0, flags = 0, count = 128;
	static VkExtensionProperties found[128];
	list(NULL, &count, found);
	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(found[i].extensionName, "VK_KHR_portability_enumeration")) {
			extensions[n++] = "VK_KHR_portability_enumeration";
			flags = VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
			break;
		}
	VkApplicationInfo app = {VK_STRUCTURE_TYPE_APPLICATION_INFO, NULL, "alexnet", 1, "alexnet", 1, VK_API_VERSION_1_3};
	VkInstanceCreateInfo info = {VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, NULL, flags, &app, 0, NULL, n, extensions};
	return create(&info, NULL, out);
}

#define INSTANCE(name) PFN_vk##name name = (PFN_vk##name)gipa(instance, "vk" #name); if (!name) return AVK_MISSING_FUNCTION

int avk_physical_devices(VkInstance instance, uint32_t *count, VkPhysicalDevice *out) {
	INSTANCE(EnumeratePhysicalDevices);
	VkResult r = EnumeratePhysicalDevices(instance, count, out);
	return r == VK_INCOMPLETE ? 0 : r;
}

static int has_extension(const VkExtensionProperties *found, uint32_t count, const char *name) {
	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(found[i].extensionName, name)) return 1;
	return 0;
}

static void copy_limits(avkProperties *out, const VkPhysicalDeviceLimits *l) {
	out->max_invocations = l->maxComputeWorkGroupInvocations;
	memcpy(out->max_group_size, l->maxComputeWorkGroupSize, sizeof out->max_group_size);
	memcpy(out->max_groups, l->maxComputeWorkGroupCount, sizeof out->max_groups);
	out->max_shared = l->maxComputeSharedMemorySize;
	out->max_push = l->maxPushConstantsSize;
	out->max_allocations = l->maxMemoryAllocationCount;
	out->max_storage_range = l->maxStorageBufferRange;
	out->offset_alignment = l->minStorageBufferOffsetAlignment;
	out->max_sets = l->maxBoundDescriptorSets;
	out->max_set_buffers = l->maxDescriptorSetStorageBuffers;
	out->max_stage_buffers = l->maxPerStageDescriptorStorageBuffers;
	out->timestamp_period = l->timestampPeriod;
}

static int read_families(VkInstance instance, VkPhysicalDevice physical, avkProperties *out) {
	INSTANCE(GetPhysicalDeviceQueueFamilyProperties);
	VkQueueFamilyProperties families[32];
	uint32_t n = 32;
	GetPhysicalDeviceQueueFamilyProperties(physical, &n, families);
	for (uint32_t i = 0; i < n; i++)
		if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) {
			out->compute_family = i;
			out->has_compute = 1;
			out->timestamp_bits = families[i].timestampValidBits;
			break;
		}
	return 0;
}

static int read_memory(VkInstance instance, VkPhysicalDevice physical, int budget, avkProperties *out) {
	INSTANCE(GetPhysicalDeviceMemoryProperties2);
	VkPhysicalDeviceMemoryBudgetPropertiesEXT b = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
	VkPhysicalDeviceMemoryProperties2 m = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, budget ? &b : NULL};
	GetPhysicalDeviceMemoryProperties2(physical, &m);
	out->types = m.memoryProperties.memoryTypeCount;
	out->heaps = m.memoryProperties.memoryHeapCount;
	for (uint32_t i = 0; i < out->types; i++) {
		out->type_flags[i] = m.memoryProperties.memoryTypes[i].propertyFlags;
		out->type_heap[i] = m.memoryProperties.memoryTypes[i].heapIndex;
	}
	for (uint32_t i = 0; i < out->heaps; i++) {
		out->heap_size[i] = m.memoryProperties.memoryHeaps[i].size;
		out->heap_flags[i] = m.memoryProperties.memoryHeaps[i].flags;
		out->heap_budget[i] = out->heap_size[i];
		/* Less what this process has taken, for other networks; 0 would mean that it is not known. */
		if (budget && b.heapBudget[i])
			out->heap_budget[i] = b.heapBudget[i] > b.heapUsage[i] ? b.heapBudget[i] - b.heapUsage[i] : 1;
	}
	return 0;
}

int avk_properties(VkInstance instance, VkPhysicalDevice physical, avkProperties *out) {
	INSTANCE(GetPhysicalDeviceProperties);
	INSTANCE(EnumerateDeviceExtensionProperties);
	INSTANCE(GetPhysicalDeviceProperties2);
	INSTANCE(GetPhysicalDeviceFeatures2);
	memset(out, 0, sizeof *out);
	VkPhysicalDeviceProperties basic;
	GetPhysicalDeviceProperties(physical, &basic);
	memcpy(out->name, basic.deviceName, sizeof out->name);
	out->type = basic.deviceType;
	out->vendor = basic.vendorID;
	out->device = basic.deviceID;
	out->api_version = basic.apiVersion;
	out->driver_version = basic.driverVersion;
	copy_limits(out, &basic.limits);
	int r = read_families(instance, physical, out);
	if (r) return r;

	uint32_t count = 0;
	EnumerateDeviceExtensionProperties(physical, NULL, &count, NULL);
	VkExtensionProperties *found = calloc(count + 1, sizeof *found);
	if (!found) return VK_ERROR_OUT_OF_HOST_MEMORY;
	EnumerateDeviceExtensionProperties(physical, NULL, &count, found);
	int at12 = basic.apiVersion >= VK_API_VERSION_1_2, at13 = basic.apiVersion >= VK_API_VERSION_1_3;
	int budget = has_extension(found, count, "VK_EXT_memory_budget");
	int driver = at12 || has_extension(found, count, "VK_KHR_driver_properties");
	int float16 = at12 || has_extension(found, count, "VK_KHR_shader_float16_int8");
	int control = at13 || has_extension(found, count, "VK_EXT_subgroup_size_control");
	out->has_memory_fd = has_extension(found, count, "VK_KHR_external_memory_fd");
	out->has_memory_host = has_extension(found, count, "VK_EXT_external_memory_host");
	out->has_portability_subset = has_extension(found, count, "VK_KHR_portability_subset");
	int matrix = at12 && has_extension(found, count, AVK_MATRIX_EXTENSION);
	free(found);

	void *next = NULL;
	VkPhysicalDeviceIDProperties id = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES, NULL};
	VkPhysicalDeviceMaintenance3Properties m3 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES, &id};
	VkPhysicalDeviceSubgroupProperties sg = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES, &m3};
	next = &sg;
	VkPhysicalDeviceDriverProperties dr = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES, next};
	if (driver) next = &dr;
	VkPhysicalDeviceSubgroupSizeControlProperties sc = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES, next};
	if (control) next = &sc;
	VkPhysicalDeviceExternalMemoryHostPropertiesEXT mh = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT, next};
	if (out->has_memory_host) next = &mh;
	VkPhysicalDeviceProperties2 p2 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, next};
	GetPhysicalDeviceProperties2(physical, &p2);
	memcpy(out->device_uuid, id.deviceUUID, VK_UUID_SIZE);
	memcpy(out->driver_uuid, id.driverUUID, VK_UUID_SIZE);
	out->max_allocation = m3.maxMemoryAllocationSize;
	out->subgroup_size = out->subgroup_min = out->subgroup_max = sg.subgroupSize;
	out->subgroup_operations = sg.supportedOperations;
	out->subgroup_stages = sg.supportedStages;
	if (driver) {
		out->driver_id = dr.driverID;
		memcpy(out->driver_name, dr.driverName, sizeof out->driver_name);
		memcpy(out->driver_info, dr.driverInfo, sizeof out->driver_info);
	}
	if (control && (sc.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT)) {
		out->subgroup_min = sc.minSubgroupSize;
		out->subgroup_max = sc.maxSubgroupSize;
	}
	if (out->has_memory_host) out->host_alignment = mh.minImportedHostPointerAlignment;

	VkPhysicalDevice16BitStorageFeatures f16s = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES, NULL};
	next = &f16s;
	VkPhysicalDeviceShaderFloat16Int8Features f16 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES, next};
	if (float16) next = &f16;
	VkPhysicalDeviceSubgroupSizeControlFeatures fsc = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES, next};
	if (control) next = &fsc;
	VkPhysicalDeviceBufferDeviceAddressFeatures ba = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_BUFFER_DEVICE_ADDRESS_FEATURES, next};
	if (at12) next = &ba;
	VkPhysicalDeviceVulkanMemoryModelFeatures mm = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES, next};
	avkMatrixFeatures mx = {AVK_MATRIX_FEATURES, &mm};
	if (matrix) next = &mx;
	VkPhysicalDeviceFeatures2 f2 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, next};
	GetPhysicalDeviceFeatures2(physical, &f2);
	out->int64 = f2.features.shaderInt64;
	out->storage16 = f16s.storageBuffer16BitAccess;
	out->buffer_address = at12 && ba.bufferDeviceAddress;
	out->float16 = float16 && f16.shaderFloat16;
	out->subgroup_control = control && fsc.subgroupSizeControl && fsc.computeFullSubgroups && out->subgroup_max > out->subgroup_min;
	// Their kernels have Vulkan's memory model; once it is on, atomics of others need its device scope.
	int usable = mx.matrix && mm.vulkanMemoryModel && mm.vulkanMemoryModelDeviceScope && out->float16;
	if (matrix && usable && (r = avk_read_matrix(instance, physical, out->matrix))) return r;
	return read_memory(instance, physical, budget, out);
}

int avk_create_device(VkInstance instance, VkPhysicalDevice physical, uint32_t family, const avkDeviceOptions *o, avkDevice **out) {
	INSTANCE(CreateDevice);
	INSTANCE(GetDeviceProcAddr);
	INSTANCE(GetPhysicalDeviceProperties);
	const char *extensions[8];
	uint32_t n = 0;
	if (o->memory_fd) { extensions[n++] = "VK_KHR_external_memory_fd"; }
	if (o->memory_host) { extensions[n++] = "VK_EXT_external_memory_host"; }
	if (o->portability_subset) { extensions[n++] = "VK_KHR_portability_subset"; }
	VkPhysicalDeviceProperties basic;
	GetPhysicalDeviceProperties(physical, &basic);
	if (o->float16 && basic.apiVersion < VK_API_VERSION_1_2) extensions[n++] = "VK_KHR_shader_float16_int8";
	if (o->matrix) extensions[n++] = AVK_MATRIX_EXTENSION;
	if (o->subgroup_control && basic.apiVersion < VK_API_VERSION_1_3) extensions[n++] = "VK_EXT_subgroup_size_control";

	void *next = NULL;
	VkPhysicalDevice16BitStorageFeatures f16s = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES, NULL, 1};
	if (o->storage16) next = &f16s;
	VkPhysicalDeviceShaderFloat16Int8Features f16 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES, next, 1, 0};
	if (o->float16) next = &f16;
	VkPhysicalDeviceSubgroupSizeControlFeatures fsc = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES, next, 1, 1};
	if (o->subgroup_control) next = &fsc;
	VkPhysicalDeviceBufferDeviceAddressFeatures ba = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_BUFFER_DEVICE_ADDRESS_FEATURES, next, 1, 0, 0};
	if (o->buffer_address) next = &ba;
	VkPhysicalDeviceVulkanMemoryModelFeatures mm = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES, next, 1, 1, 0};
	avkMatrixFeatures mx = {AVK_MATRIX_FEATURES, &mm, 1, 0};
	if (o->matrix) next = &mx;
	VkPhysicalDeviceFeatures2 f2 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, next};
	f2.features.shaderInt64 = o->int64;

	float priority = 1;
	VkDeviceQueueCreateInfo queue = {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, NULL, 0, family, 1, &priority};
	VkDeviceCreateInfo info = {VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &f2, 0, 1, &queue, 0, NULL, n, extensions, NULL};
	VkDevice handle;
	VkResult r = CreateDevice(physical, &info, NULL, &handle);
	if (r) return r;
	avkDevice *d = calloc(1, sizeof *d);
	if (!d) return VK_ERROR_OUT_OF_HOST_MEMORY;
	d->handle = handle;
	d->family = family;
	int missing = 0;
#define F(name) d->name = (PFN_vk##name)GetDeviceProcAddr(handle, "vk" #name); if (!d->name) missing = 1;
	AVK_DEVICE_FUNCTIONS(F)
#undef F
	if (o->memory_fd) d->GetMemoryFdKHR = (PFN_vkGetMemoryFdKHR)GetDeviceProcAddr(handle, "vkGetMemoryFdKHR");
	if (o->memory_host) d->GetMemoryHostPointerPropertiesEXT =
		(PFN_vkGetMemoryHostPointerPropertiesEXT)GetDeviceProcAddr(handle, "vkGetMemoryHostPointerPropertiesEXT");
	if (o->buffer_address) {
		d->GetBufferDeviceAddress = (PFN_vkGetBufferDeviceAddress)GetDeviceProcAddr(handle, "vkGetBufferDeviceAddress");
		if (!d->GetBufferDeviceAddress) missing = 1;
	}
	if (missing) {
		avk_destroy_device(d);
		return AVK_MISSING_FUNCTION;
	}
	d->GetDeviceQueue(handle, family, 0, &d->queue);
	*out = d;
	return 0;
}

void avk_destroy_device(avkDevice *d) {
	if (d->DestroyDevice) d->DestroyDevice(d->handle, NULL);
	free(d);
}

// Memory of buffers whose addresses kernels see is marked so.
#define ADDRESSED(d, next) \
	VkMemoryAllocateFlagsInfo addressed = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO, next, VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT, 0}; \
	const void *chain = (d)->GetBufferDeviceAddress ? &addressed : (const void *)(next)

int avk_allocate(avkDevice *d, uint64_t size, uint32_t type, VkDeviceMemory *out) {
	ADDRESSED(d, NULL);
	VkMemoryAllocateInfo info = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, chain, size, type};
	return d->AllocateMemory(d->handle, &info, NULL, out);
}

int avk_allocate_exported(avkDevice *d, uint64_t size, uint32_t type, VkBuffer dedicated, VkDeviceMemory *out, int *fd) {
	if (!d->GetMemoryFdKHR) return VK_ERROR_EXTENSION_NOT_PRESENT;
	VkMemoryDedicatedAllocateInfo own = {VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, NULL, VK_NULL_HANDLE, dedicated};
	VkExportMemoryAllocateInfo export = {VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO, dedicated ? &own : NULL, VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
	ADDRESSED(d, &export);
	VkMemoryAllocateInfo info = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, chain, size, type};
	VkResult r = d->AllocateMemory(d->handle, &info, NULL, out);
	if (r) return r;
	VkMemoryGetFdInfoKHR get = {VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR, NULL, *out, VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
	return d->GetMemoryFdKHR(d->handle, &get, fd);
}

int avk_allocate_imported_fd(avkDevice *d, uint64_t size, uint32_t type, int fd, VkDeviceMemory *out) {
	VkImportMemoryFdInfoKHR import = {VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR, NULL, VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT, fd};
	ADDRESSED(d, &import);
	VkMemoryAllocateInfo info = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, chain, size, type};
	return d->AllocateMemory(d->handle, &info, NULL, out);
}

int avk_allocate_imported_host(avkDevice *d, uint64_t size, uint32_t type, void *host, VkDeviceMemory *out) {
	VkImportMemoryHostPointerInfoEXT import = {VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT, NULL, VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT, host};
	ADDRESSED(d, &import);
	VkMemoryAllocateInfo info = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, chain, size, type};
	return d->AllocateMemory(d->handle, &info, NULL, out);
}

int avk_host_pointer_types(avkDevice *d, void *host, uint32_t *types) {
	if (!d->GetMemoryHostPointerPropertiesEXT) return VK_ERROR_EXTENSION_NOT_PRESENT;
	VkMemoryHostPointerPropertiesEXT p = {VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT, NULL, 0};
	VkResult r = d->GetMemoryHostPointerPropertiesEXT(d->handle, VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT, host, &p);
	*types = p.memoryTypeBits;
	return r;
}

int avk_map(avkDevice *d, VkDeviceMemory memory, void **out) {
	return d->MapMemory(d->handle, memory, 0, VK_WHOLE_SIZE, 0, out);
}

int avk_create_buffer(avkDevice *d, uint64_t size, uint32_t external, VkBuffer *out, uint64_t *required, uint64_t *alignment, uint32_t *types) {
	VkExternalMemoryBufferCreateInfo ext = {VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO, NULL, external};
	VkBufferUsageFlags usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
	if (d->GetBufferDeviceAddress) usage |= VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
	VkBufferCreateInfo info = {VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, external ? &ext : NULL, 0, size, usage,
		VK_SHARING_MODE_EXCLUSIVE, 0, NULL};
	VkResult r = d->CreateBuffer(d->handle, &info, NULL, out);
	if (r) return r;
	VkMemoryRequirements need;
	d->GetBufferMemoryRequirements(d->handle, *out, &need);
	*required = need.size;
	*alignment = need.alignment;
	*types = need.memoryTypeBits;
	return 0;
}

int avk_bind_buffer(avkDevice *d, VkBuffer buffer, VkDeviceMemory memory, uint64_t offset) {
	return d->BindBufferMemory(d->handle, buffer, memory, offset);
}

// avk_buffer_address returns 0 without the feature.
uint64_t avk_buffer_address(avkDevice *d, VkBuffer buffer) {
	if (!d->GetBufferDeviceAddress) return 0;
	VkBufferDeviceAddressInfo info = {VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, NULL, buffer};
	return d->GetBufferDeviceAddress(d->handle, &info);
}
