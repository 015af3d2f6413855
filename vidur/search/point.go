package search

import (
	"errors"
	"fmt"
	"strings"
)

// Coordinate is the value that one axis has in a run.
type Coordinate struct {
	Name  string
	Value any // string, int, float64 or bool
}

// Point is a run's place in a grid, in the order of the axes.
type Point []Coordinate

// String is like "chunk=256, qps=2".
func (p Point) String() string {
	parts := make([]string, len(p))
	for i, c := range p {
		parts[i] = fmt.Sprintf("%s=%v", c.Name, c.Value)
	}
	return strings.Join(parts, ", ")
}

// Value is the value on the axis of that name; nil if there is no such axis.
func (p Point) Value(name string) any {
	for _, c := range p {
		if c.Name == name {
			return c.Value
		}
	}
	return nil
}

// label names a point in a sentence.
func (p Point) label() string {
	if len(p) == 1 {
		if s, ok := p[0].Value.(string); ok {
			return s
		}
	}
	return p.String()
}

// PointError is the error of one run.
type PointError struct {
	Point Point
	Err   error
}

// Error says where and what.
func (e *PointError) Error() string {
	if len(e.Point) == 0 {
		return "search: " + e.Err.Error()
	}
	return fmt.Sprintf("search: %s: %v", e.Point, e.Err)
}

// Unwrap is the error of the run itself.
func (e *PointError) Unwrap() error { return e.Err }

// ErrNotRun is the error of runs that a context's end has kept from beginning
// or ending.
var ErrNotRun = errors.New("not run")
