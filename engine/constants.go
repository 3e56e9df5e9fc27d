package engine

import (
	"fmt"
	"math"
	"reflect"
)

// constantValues returns the bits of a struct of scalars, field by field.
func constantValues(constants any) []uint32 {
	v := reflect.ValueOf(constants)
	out := make([]uint32, v.NumField())
	for i := range out {
		switch f := v.Field(i); f.Kind() {
		case reflect.Uint32:
			out[i] = uint32(f.Uint())
		case reflect.Int32:
			out[i] = uint32(int32(f.Int()))
		case reflect.Float32:
			out[i] = math.Float32bits(float32(f.Float()))
		case reflect.Bool:
			if f.Bool() {
				out[i] = 1
			}
		default:
			panic(fmt.Sprintf("engine: specialization constant of type %v", f.Type()))
		}
	}
	return out
}
