// Package cart learns operator times with one regression tree of golearn.
//
// It exists to compare estimators: one tree follows the data as a forest does,
// noise included. Only golearn's packages in plain Go are used.
package cart

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/trees"

	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/internal/forest"
)

// Tree is golearn's CARTDecisionTreeRegressor on the mean squared error.
type Tree struct {
	MaxDepth int // cuts from the root to a leaf at most; 0: until the leaves are pure
}

// String tells the tree's parameters.
func (t Tree) String() string { return fmt.Sprintf("cart(depth=%d)", t.MaxDepth) }

// Fit grows the tree. golearn predicts only from its own data grids, 5 us a row,
// so the model is the tree copied out.
func (t Tree) Fit(d learn.Data) (learn.Model, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if t.MaxDepth < 0 {
		return nil, fmt.Errorf("%v: the depth must not be negative", t)
	}
	depth := int64(t.MaxDepth)
	if depth == 0 {
		depth = -1
	}
	grid, err := instances(d)
	if err != nil {
		return nil, err
	}
	tree := trees.NewDecisionTreeRegressor(trees.MSE, depth)
	if err := tree.Fit(grid); err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	text, err := json.Marshal(tree.RootNode)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	root := new(node)
	if err := json.Unmarshal(text, root); err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	f, err := forest.FromTree(len(d.X), root.tree(mean(d.Y)))
	if err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	return learn.FromForest(f), nil
}

// instances copies data into golearn's form. Attributes are named by position,
// because golearn takes those with one name for the same.
func instances(d learn.Data) (*base.DenseInstances, error) {
	grid := base.NewDenseInstances()
	columns := append(append([][]float64{}, d.X...), d.Y)
	specs := make([]base.AttributeSpec, len(columns))
	for k := range columns {
		a := base.NewFloatAttribute(fmt.Sprint(k))
		specs[k] = grid.AddAttribute(a)
		if k < len(d.X) {
			continue
		}
		if err := grid.AddClassAttribute(a); err != nil {
			return nil, err
		}
	}
	if err := grid.Extend(len(d.Y)); err != nil {
		return nil, err
	}
	for k, column := range columns {
		for r, v := range column {
			grid.Set(specs[k], r, base.PackFloatToBytes(v))
		}
	}
	return grid, nil
}

// A node is golearn's node, whose type it does not export. A missing side is a
// leaf of the side's prediction.
type node struct {
	Left, Right         *node
	Threshold           float64 // rows with feature < Threshold go left
	Feature             int
	LeftPred, RightPred float64
}

// tree returns the tree below a root. Where golearn finds no cut, as for a
// constant target, it leaves a root that cuts at 0 all the same and predicts 0
// above: known by the left prediction, the mean of all rows.
func (n *node) tree(mean float64) *forest.Node {
	if n.Left == nil && n.Right == nil && n.LeftPred == mean {
		return &forest.Node{Value: mean}
	}
	return n.cut()
}

func (n *node) cut() *forest.Node {
	side := func(below *node, value float64) *forest.Node {
		if below == nil {
			return &forest.Node{Value: value}
		}
		return below.cut()
	}
	return &forest.Node{
		Feature: n.Feature,
		Cut:     math.Nextafter(n.Threshold, math.Inf(-1)), // golearn's left is <, the forest's <=
		Left:    side(n.Left, n.LeftPred),
		Right:   side(n.Right, n.RightPred),
	}
}

// mean is computed as golearn does, to the bit.
func mean(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(len(y))
}
