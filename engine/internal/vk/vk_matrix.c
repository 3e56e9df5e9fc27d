#include "vk_matrix.h"
#include <stdlib.h>

// avk_read_matrix finds a shape of fragments that a subgroup multiplies in float16
// and adds in float32: 16 x 16 x 16 if the device has it, else the one of most
// multiply-adds whose sides kernels can deal with. All zero: none.
int avk_read_matrix(VkInstance instance, VkPhysicalDevice physical, uint32_t shape[3]) {
	PFN_avkMatrixProperties properties = (PFN_avkMatrixProperties)((PFN_vkGetInstanceProcAddr)avk_get_instance_proc_addr())(
		instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
	uint32_t count = 0, best = 0;
	if (!properties) return 0;
	VkResult r = properties(physical, &count, NULL);
	if (r || count == 0) return r;
	avkMatrixProperties *list = calloc(count, sizeof *list);
	if (!list) return VK_ERROR_OUT_OF_HOST_MEMORY;
	for (uint32_t i = 0; i < count; i++) list[i].type = AVK_MATRIX_PROPERTIES;
	r = properties(physical, &count, list);
	for (uint32_t i = 0; (r == 0 || r == VK_INCOMPLETE) && i < count; i++) {
		avkMatrixProperties *p = &list[i];
		uint32_t m = p->m, n = p->n, k = p->k, size = m == 16 && n == 16 && k == 16 ? UINT32_MAX : m * n * k;
		if (p->scope != AVK_SCOPE_SUBGROUP || p->a != AVK_FLOAT16 || p->b != AVK_FLOAT16 || p->c != AVK_FLOAT32 || p->result != AVK_FLOAT32) continue;
		if (m % 8 || n % 8 || k % 8 || m > 32 || n > 32 || k > 32 || size <= best) continue;
		best = size;
		shape[0] = m;
		shape[1] = n;
		shape[2] = k;
	}
	free(list);
	return r == VK_INCOMPLETE ? 0 : r;
}
