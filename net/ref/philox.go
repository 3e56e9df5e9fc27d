package ref

import "math/bits"

// Philox is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011): four random words as a function of a counter and a key alone.
// Dropout masks on the devices are made of it.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		high0, low0 := bits.Mul32(0xD2511F53, counter[0])
		high1, low1 := bits.Mul32(0xCD9E8D57, counter[2])
		counter = [4]uint32{high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0}
		key[0] += 0x9E3779B9 // golden ratio
		key[1] += 0xBB67AE85 // sqrt(3) - 1
	}
	return counter
}
