// VK_KHR_cooperative_matrix, which the headers of Vulkan 1.3.239 lack.
#ifndef ALEXNET_VK_MATRIX_H
#define ALEXNET_VK_MATRIX_H

#include "vk.h"

#define AVK_MATRIX_EXTENSION "VK_KHR_cooperative_matrix"
#define AVK_MATRIX_FEATURES ((VkStructureType)1000506000)
#define AVK_MATRIX_PROPERTIES ((VkStructureType)1000506001)
enum { AVK_FLOAT16 = 0, AVK_FLOAT32 = 1 }; // VkComponentTypeKHR
enum { AVK_SCOPE_SUBGROUP = 3 };           // VkScopeKHR

typedef struct {
	VkStructureType type;
	void *next;
	VkBool32 matrix, robust_access;
} avkMatrixFeatures;

typedef struct {
	VkStructureType type;
	void *next;
	uint32_t m, n, k;
	uint32_t a, b, c, result; // VkComponentTypeKHR
	VkBool32 saturating;
	uint32_t scope;
} avkMatrixProperties;

typedef VkResult(VKAPI_PTR *PFN_avkMatrixProperties)(VkPhysicalDevice, uint32_t *, avkMatrixProperties *);

int avk_read_matrix(VkInstance instance, VkPhysicalDevice physical, uint32_t shape[3]);

#endif
