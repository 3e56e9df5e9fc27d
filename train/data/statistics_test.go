package data

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
)

func TestStatisticsMean(t *testing.T) {
	set := broken{NewGenerated(1, 60), func(i int) bool { return i%7 == 3 }}
	var done []int
	got, err := Statistics(context.Background(), set, func(n, total int) {
		if total != 60 {
			t.Errorf("%d in total", total)
		}
		done = append(done, n)
	})
	if err != nil {
		t.Fatal(err)
	}
	const plane = GeneratedSize * GeneratedSize
	mean := make([]float64, 3*plane)
	var colour [3]float64
	pixels := make([]byte, 3*plane)
	images := 0
	for i := range set.Len() {
		if set.Pixels(i, pixels) != nil {
			continue
		}
		images++
		for k, v := range pixels {
			mean[k%3*plane+k/3] += float64(v)
			colour[k%3] += float64(v) / plane
		}
	}
	if got.Images != images || got.Bad != 60-images || got.Bad != 9 {
		t.Errorf("%d images, %d bad", got.Images, got.Bad)
	}
	for k, m := range mean {
		if want := m / float64(images); math.Abs(float64(got.Mean[k])-want) > 1e-4 {
			t.Fatalf("mean %d is %v, want %v", k, got.Mean[k], want)
		}
	}
	for c := range colour {
		colour[c] /= float64(images)
	}
	near(t, "mean colour", got.Colour.Mean, colour, 1e-6)
	if !slices.IsSorted(done) || done[len(done)-1] != 60 {
		t.Errorf("progress %v", done)
	}
}

func TestStatisticsDoNotDependOnTheWorkers(t *testing.T) {
	set := broken{NewGenerated(2, 50), func(i int) bool { return i == 8 }}
	want, err := statistics(context.Background(), set, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 7, 100} {
		got, err := statistics(context.Background(), set, nil, workers)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: %v, %+v, want %+v", workers, err, got.Colour, want.Colour)
		}
	}
}

func TestStatisticsErrors(t *testing.T) {
	set := broken{NewGenerated(1, 30), func(int) bool { return true }}
	_, err := Statistics(context.Background(), set, nil)
	wantError(t, err, "none of the 30 images can be read", "generated image 0 of")
	_, err = Statistics(context.Background(), NewGenerated(1, 0), nil)
	wantError(t, err, "no image")

	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	_, err = Statistics(ctx, NewGenerated(1, 500), func(done, total int) {
		seen = done
		if done == 10 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || seen >= 500 {
		t.Errorf("%v after %d images", err, seen)
	}
}

func BenchmarkStatistics(b *testing.B) {
	set := Cached(NewGenerated(1, 200), 1<<30)
	if _, err := Statistics(context.Background(), set, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() { // without drawing the images
		if _, err := Statistics(context.Background(), set, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*set.Len()), "µs/image")
}
