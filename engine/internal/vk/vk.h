// Every Vulkan call that takes a struct, with the structs on the C stack.
// Results are VkResult; handles come back through the last argument.
#ifndef ALEXNET_VK_H
#define ALEXNET_VK_H

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#define AVK_MAX_DEVICES 16
#define AVK_MAX_TYPES 32
#define AVK_NO_LOADER -1000
#define AVK_MISSING_FUNCTION -1001

// Functions of one device, looked up once: no loader trampoline per call.
typedef struct avkDevice {
	VkDevice handle;
	VkQueue queue;
	uint32_t family;
#define AVK_DEVICE_FUNCTIONS(F) \
	F(DestroyDevice) F(GetDeviceQueue) F(AllocateMemory) F(CreateBuffer) \
	F(GetBufferMemoryRequirements) F(BindBufferMemory) F(CreateShaderModule) \
	F(CreateDescriptorSetLayout) F(CreatePipelineLayout) F(CreateComputePipelines) \
	F(CreateDescriptorPool) F(AllocateDescriptorSets) F(UpdateDescriptorSets) \
	F(CreateCommandPool) F(AllocateCommandBuffers) F(BeginCommandBuffer) \
	F(EndCommandBuffer) F(CmdPipelineBarrier) F(CmdCopyBuffer) F(CmdFillBuffer) \
	F(CmdBindPipeline) F(CmdBindDescriptorSets) F(CmdPushConstants) F(CmdDispatch) \
	F(CmdResetQueryPool) F(CmdWriteTimestamp) F(CreateQueryPool) F(GetQueryPoolResults) \
	F(CreateFence) F(WaitForFences) F(ResetFences) F(QueueSubmit) F(CreatePipelineCache) \
	F(MapMemory) F(DestroyShaderModule)
#define F(name) PFN_vk##name name;
	AVK_DEVICE_FUNCTIONS(F)
#undef F
	PFN_vkGetMemoryFdKHR GetMemoryFdKHR;                               // NULL without the extension
	PFN_vkGetMemoryHostPointerPropertiesEXT GetMemoryHostPointerPropertiesEXT; // NULL without the extension
	PFN_vkGetBufferDeviceAddress GetBufferDeviceAddress;               // NULL without the feature
} avkDevice;

// What a physical device says of itself, flattened for Go.
typedef struct {
	char name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
	char driver_name[VK_MAX_DRIVER_NAME_SIZE];
	char driver_info[VK_MAX_DRIVER_INFO_SIZE];
	uint32_t type, vendor, device, api_version, driver_version, driver_id;
	uint8_t device_uuid[VK_UUID_SIZE], driver_uuid[VK_UUID_SIZE];
	uint32_t subgroup_size, subgroup_min, subgroup_max, subgroup_operations, subgroup_stages;
	uint32_t max_invocations, max_group_size[3], max_groups[3], max_shared, max_push, max_allocations;
	uint64_t max_storage_range, max_allocation, offset_alignment;
	uint32_t max_sets, max_set_buffers, max_stage_buffers;
	float timestamp_period;
	uint32_t timestamp_bits;
	uint32_t compute_family, has_compute;
	uint32_t int64, float16, storage16, subgroup_control, buffer_address;
	uint32_t matrix[3]; // rows, columns and depth of cooperative matrices; 0: none
	uint32_t has_memory_fd, has_memory_host, has_portability_subset;
	uint64_t host_alignment;
	uint32_t types, heaps;
	uint32_t type_flags[AVK_MAX_TYPES], type_heap[AVK_MAX_TYPES];
	uint64_t heap_size[AVK_MAX_TYPES], heap_budget[AVK_MAX_TYPES];
	uint32_t heap_flags[AVK_MAX_TYPES];
} avkProperties;

typedef struct {
	uint32_t int64, float16, storage16, subgroup_control, buffer_address, matrix;
	uint32_t memory_fd, memory_host, portability_subset;
} avkDeviceOptions;

// One recorded command. Handles are stored as integers so that an array of
// commands holds no pointers.
enum { AVK_BARRIER, AVK_DISPATCH, AVK_COPY, AVK_FILL, AVK_TIMESTAMP, AVK_RESET_QUERIES };
typedef struct {
	uint32_t kind;
	uint32_t x, y, z;           // groups; fill value; first query, count
	uint64_t a, b, c;           // pipeline, layout, set; source, destination; query pool
	uint64_t from, to, size;    // byte offsets and size of a copy or fill
	uint32_t push, push_bytes;  // range of the blob with push constants
} avkCommand;

typedef struct { uint64_t buffer, offset, range; } avkBinding;

int avk_load(const char *library);
void *avk_get_instance_proc_addr(void);
int avk_create_instance(VkInstance *out);
int avk_physical_devices(VkInstance instance, uint32_t *count, VkPhysicalDevice *out);
int avk_properties(VkInstance instance, VkPhysicalDevice physical, avkProperties *out);
int avk_create_device(VkInstance instance, VkPhysicalDevice physical, uint32_t family, const avkDeviceOptions *options, avkDevice **out);
void avk_destroy_device(avkDevice *d);

int avk_allocate(avkDevice *d, uint64_t size, uint32_t type, VkDeviceMemory *out);
int avk_allocate_exported(avkDevice *d, uint64_t size, uint32_t type, VkBuffer dedicated, VkDeviceMemory *out, int *fd);
int avk_allocate_imported_fd(avkDevice *d, uint64_t size, uint32_t type, int fd, VkDeviceMemory *out);
int avk_allocate_imported_host(avkDevice *d, uint64_t size, uint32_t type, void *host, VkDeviceMemory *out);
int avk_host_pointer_types(avkDevice *d, void *host, uint32_t *types);
int avk_map(avkDevice *d, VkDeviceMemory memory, void **out);
int avk_create_buffer(avkDevice *d, uint64_t size, uint32_t external, VkBuffer *out, uint64_t *required, uint64_t *alignment, uint32_t *types);
int avk_bind_buffer(avkDevice *d, VkBuffer buffer, VkDeviceMemory memory, uint64_t offset);
uint64_t avk_buffer_address(avkDevice *d, VkBuffer buffer);

int avk_create_pipeline(avkDevice *d, const uint32_t *code, uint64_t code_bytes, uint32_t bindings, uint32_t push_bytes,
	const uint32_t *constant_ids, const uint32_t *constants, uint32_t constant_count, uint32_t subgroup,
	VkDescriptorSetLayout *set_layout, VkPipelineLayout *layout, VkPipeline *out);
int avk_create_descriptor_pool(avkDevice *d, uint32_t sets, uint32_t buffers, VkDescriptorPool *out);
int avk_allocate_set(avkDevice *d, VkDescriptorPool pool, VkDescriptorSetLayout layout, const avkBinding *bindings, uint32_t count, VkDescriptorSet *out);

int avk_create_command_pool(avkDevice *d, VkCommandPool *out);
int avk_allocate_commands(avkDevice *d, VkCommandPool pool, VkCommandBuffer *out);
int avk_record(avkDevice *d, VkCommandBuffer buffer, const avkCommand *commands, uint32_t count, const uint8_t *push);
int avk_create_fence(avkDevice *d, VkFence *out);
int avk_submit(avkDevice *d, const VkCommandBuffer *buffers, uint32_t count, VkFence fence);
int avk_wait(avkDevice *d, VkFence fence, uint64_t nanoseconds);
int avk_create_query_pool(avkDevice *d, uint32_t count, VkQueryPool *out);
int avk_query_results(avkDevice *d, VkQueryPool pool, uint32_t count, uint64_t *out);

#endif
