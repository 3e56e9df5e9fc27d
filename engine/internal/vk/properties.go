package vk

// #include "vk.h"
import "C"

import "unsafe"

// DeviceType is a VkPhysicalDeviceType.
type DeviceType int

// The device types of Vulkan.
const (
	TypeOther DeviceType = iota
	TypeIntegrated
	TypeDiscrete
	TypeVirtual
	TypeCPU
)

// Flags of a memory type.
const (
	MemoryDeviceLocal  = C.VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
	MemoryHostVisible  = C.VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
	MemoryHostCoherent = C.VK_MEMORY_PROPERTY_HOST_COHERENT_BIT
	MemoryHostCached   = C.VK_MEMORY_PROPERTY_HOST_CACHED_BIT
)

// Subgroup operations of a device.
const (
	SubgroupBasic   = C.VK_SUBGROUP_FEATURE_BASIC_BIT
	SubgroupBallot  = C.VK_SUBGROUP_FEATURE_BALLOT_BIT
	SubgroupShuffle = C.VK_SUBGROUP_FEATURE_SHUFFLE_BIT
)

// External memory handle types of CreateBuffer.
const (
	ExternalFd   = C.VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT
	ExternalHost = C.VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT
)

// Properties is what a physical device says of itself. Sizes are in bytes.
type Properties struct {
	Name, DriverName, DriverInfo               string
	Type                                       DeviceType
	VendorID, DeviceID, APIVersion             uint32
	DriverVersion, DriverID                    uint32
	DeviceUUID, DriverUUID                     [16]byte
	SubgroupSize, SubgroupMin, SubgroupMax     int
	SubgroupOperations                         uint32
	SubgroupCompute                            bool // subgroup operations work in compute shaders
	MaxInvocations, MaxShared, MaxPush         int
	MaxGroupSize, MaxGroups                    [3]uint32
	MaxStorageRange, MaxAllocation             uint64
	MaxAllocations                             int
	OffsetAlignment                            uint64
	MaxSets, MaxStageBuffers                   int
	TimestampPeriod                            float64 // nanoseconds a tick
	TimestampBits                              int     // 0: no timestamps
	ComputeFamily                              uint32
	HasCompute                                 bool
	Int64, Float16, Storage16, SubgroupControl bool
	BufferAddress                              bool // kernels can load through the addresses of buffers
	// Matrix is the shape of cooperative matrices of float16s with sums in float32:
	// rows, columns and depth; zeros without them.
	Matrix                                     [3]uint32
	HasMemoryFd, HasMemoryHost, HasPortability bool
	HostAlignment                              uint64 // of pointers to import
	MemoryTypes                                []MemoryType
	MemoryHeaps                                []MemoryHeap
}

// MemoryType is one kind of memory and the heap it comes from.
type MemoryType struct {
	Flags uint32
	Heap  int
}

// MemoryHeap is one store of memory: its size and what is still free for this
// process (the size where the driver does not say). DeviceLocal is the GPU's.
type MemoryHeap struct {
	Size, Budget uint64
	DeviceLocal  bool
}

func properties(p *C.avkProperties) Properties {
	out := Properties{
		Name: C.GoString(&p.name[0]), DriverName: C.GoString(&p.driver_name[0]), DriverInfo: C.GoString(&p.driver_info[0]),
		Type: DeviceType(p._type), VendorID: uint32(p.vendor), DeviceID: uint32(p.device),
		APIVersion: uint32(p.api_version), DriverVersion: uint32(p.driver_version), DriverID: uint32(p.driver_id),
		DeviceUUID: *(*[16]byte)(unsafe.Pointer(&p.device_uuid)), DriverUUID: *(*[16]byte)(unsafe.Pointer(&p.driver_uuid)),
		SubgroupSize: int(p.subgroup_size), SubgroupMin: int(p.subgroup_min), SubgroupMax: int(p.subgroup_max),
		SubgroupOperations: uint32(p.subgroup_operations),
		SubgroupCompute:    p.subgroup_stages&C.VK_SHADER_STAGE_COMPUTE_BIT != 0,
		MaxInvocations:     int(p.max_invocations), MaxShared: int(p.max_shared), MaxPush: int(p.max_push),
		MaxGroupSize:    *(*[3]uint32)(unsafe.Pointer(&p.max_group_size)),
		MaxGroups:       *(*[3]uint32)(unsafe.Pointer(&p.max_groups)),
		MaxStorageRange: uint64(p.max_storage_range), MaxAllocation: uint64(p.max_allocation),
		MaxAllocations: int(p.max_allocations), OffsetAlignment: uint64(p.offset_alignment),
		MaxSets: int(p.max_sets), MaxStageBuffers: int(p.max_stage_buffers),
		TimestampPeriod: float64(p.timestamp_period), TimestampBits: int(p.timestamp_bits),
		ComputeFamily: uint32(p.compute_family), HasCompute: p.has_compute != 0,
		Int64: p.int64 != 0, Float16: p.float16 != 0, Storage16: p.storage16 != 0, SubgroupControl: p.subgroup_control != 0, BufferAddress: p.buffer_address != 0,
		Matrix:      *(*[3]uint32)(unsafe.Pointer(&p.matrix)),
		HasMemoryFd: p.has_memory_fd != 0, HasMemoryHost: p.has_memory_host != 0, HasPortability: p.has_portability_subset != 0,
		HostAlignment: uint64(p.host_alignment),
	}
	for i := range int(p.types) {
		out.MemoryTypes = append(out.MemoryTypes, MemoryType{Flags: uint32(p.type_flags[i]), Heap: int(p.type_heap[i])})
	}
	for i := range int(p.heaps) {
		out.MemoryHeaps = append(out.MemoryHeaps, MemoryHeap{
			Size: uint64(p.heap_size[i]), Budget: uint64(p.heap_budget[i]),
			DeviceLocal: p.heap_flags[i]&C.VK_MEMORY_HEAP_DEVICE_LOCAL_BIT != 0,
		})
	}
	return out
}
