package learn_test

import (
	"context"
	"fmt"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

// A line and a forest compete for an operator whose time rises in steps of 128
// tokens.
func ExampleSelect() {
	d := learn.Data{Features: []string{"num_tokens"}, X: make([][]float64, 1)}
	for tokens := 8; tokens <= 1024; tokens += 8 {
		d.X[0] = append(d.X[0], float64(tokens))
		d.Y = append(d.Y, 0.25*float64((tokens+127)/128)) // ms
	}
	grid := []learn.Estimator{
		learn.Poly{Degree: 1, Intercept: true},
		learn.Forest{Trees: 50, MaxDepth: 8},
	}
	s, err := learn.Select(context.Background(), d, grid, learn.Folds{K: 10, Shuffle: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Best)
	fmt.Printf("%.1f %% on held-out rows, the line %.1f %%\n", s.CVError, s.Scores[0])
	fmt.Printf("%.3f ms for 700 tokens\n", s.Model.Predict([]float64{700}))
	// Output:
	// forest(trees=50 depth=8 split=0 seed=0)
	// 1.8 % on held-out rows, the line 8.5 %
	// 1.500 ms for 700 tokens
}
