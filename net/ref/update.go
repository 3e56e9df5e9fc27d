package ref

// Update is one step of stochastic gradient descent with momentum and weight
// decay, in place (paper, section 5); g is the mean of dL/dw over the batch:
//
//	v <- momentum * v - decay * rate * w - rate * g
//	w <- w + v
func Update(w, v, g []float64, rate, momentum, decay float64) {
	check(len(v) == len(w) && len(g) == len(w), "update: %d weights, %d velocities, %d gradients; expected equal numbers", len(w), len(v), len(g))
	for i := range w {
		v[i] = momentum*v[i] - decay*rate*w[i] - rate*g[i]
		w[i] += v[i]
	}
}
