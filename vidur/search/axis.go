package search

import (
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// axis is a list of steps, each with a value for each name.
type axis struct {
	names []string
	steps []step
	seeds bool // "seed" among the names is that of Seeds
}

// step is one place on an axis and what it changes.
type step struct {
	values     []any // string, int, float64 or bool
	experiment []func(*spec.Experiment) error
	config     []func(*vidur.Config) error
	sources    []string // that stand for config
	opaque     bool     // config has no source
	asked      []string // what experiment sets and values do not say
}

// Choice is one value of an axis: what rows show, and what it does. It may
// change the experiment before it is built, the Config that comes of it, both
// or nothing.
type Choice struct {
	Label      any // string, int, float64 or bool
	Experiment func(*spec.Experiment) error
	Config     func(*vidur.Config) error

	// Source is a text that tells what Config does, as the source of a policy with
	// its parameters: it stands for Config in the keys of [Cache]. Without it what
	// Config changes is always simulated, so a policy that is edited in a cell or a
	// script never gets results of before. With it the first kept result of each
	// sweep is simulated again, and one that comes out otherwise is an error of the
	// whole: then Config was changed and Source was not. [CacheOnly] does not look.
	Source string
}

// Over is an axis of a parameter of the experiment, by its name in
// [spec.Params]: "chunk", "qps", "tp", "model". An underscore may stand for a
// hyphen. A value of another type than the parameter's, or out of its range, is
// an error before anything runs; a whole number is a number, too. A slice
// stands for its elements.
func Over(name string, values ...any) Option {
	return func(p *plan) { p.add(overParameter(name, values)) }
}

func overParameter(name string, values []any) (axis, error) {
	param, err := spec.FindParam("parameter", name)
	if err != nil {
		return axis{}, err
	}
	a := axis{names: []string{name}}
	for _, v := range flatten(values) {
		s, err := atValue(&param, v)
		if err != nil {
			return a, err
		}
		a.steps = append(a.steps, s)
	}
	return a, a.check()
}

// flatten puts the elements of slices in their place.
func flatten(values []any) []any {
	var out []any
	for _, value := range values {
		v := reflect.ValueOf(value)
		if v.Kind() != reflect.Slice {
			out = append(out, value)
			continue
		}
		for i := range v.Len() {
			out = append(out, v.Index(i).Interface())
		}
	}
	return out
}

// seedColumn is the name of the axis of Seeds.
const seedColumn = "seed"

// Seeds is an axis of seeds, from 0 on: of all random streams, those of the
// original's generators included. Its name is "seed".
func Seeds(seeds ...int) Option {
	choices := make([]Choice, len(seeds))
	for i, seed := range seeds {
		if seed < 0 {
			return func(p *plan) { p.fail(fmt.Errorf("seed %d must not be negative", seed)) }
		}
		choices[i] = Choice{Label: seed, Experiment: func(e *spec.Experiment) error {
			e.Seed, e.GeneratorSeed, e.LengthSeed = uint64(seed), uint64(seed), uint64(seed)
			return nil
		}}
	}
	return func(p *plan) {
		a, err := overChoices(seedColumn, choices)
		a.seeds = true
		for i := range a.steps {
			a.steps[i].asked = []string{"all seeds"}
		}
		p.add(a, err)
	}
}

// Choose is an axis of choices, for what is no parameter.
func Choose(name string, choices ...Choice) Option {
	return func(p *plan) { p.add(overChoices(name, choices)) }
}

func overChoices(name string, choices []Choice) (axis, error) {
	if name == "" {
		return axis{}, fmt.Errorf("an axis has no name")
	}
	a := axis{names: []string{name}}
	for _, c := range choices {
		label, err := coordinate(c.Label)
		if err != nil {
			return a, fmt.Errorf("%s: %w", name, err)
		}
		s := step{values: []any{label}}
		if c.Experiment != nil {
			s.experiment = append(s.experiment, c.Experiment)
		}
		if c.Config != nil {
			s.config = append(s.config, c.Config)
			s.sources, s.opaque = []string{name + " " + c.Source}, c.Source == ""
		}
		a.steps = append(a.steps, s)
	}
	return a, a.check()
}

// Scheduler is a scheduler of one's own as a choice of [Schedulers].
func Scheduler(name string, newScheduler func(*vidur.Replica) (vidur.Scheduler, error)) Choice {
	return Choice{Label: name, Config: func(c *vidur.Config) error {
		c.NewScheduler = newScheduler
		return nil
	}}
}

// Router is a router of one's own as a choice of [Routers].
func Router(name string, newRouter func(*vidur.Cluster, *rand.Rand) (vidur.Router, error)) Choice {
	return Choice{Label: name, Config: func(c *vidur.Config) error {
		c.NewRouter = newRouter
		return nil
	}}
}

// Schedulers is an axis of schedulers: names of spec's and choices made by
// [Scheduler]. Its name is "scheduler".
func Schedulers(values ...any) Option { return policies("scheduler", values) }

// Routers is an axis of routers: names of spec's and choices made by [Router].
// Its name is "router".
func Routers(values ...any) Option { return policies("router", values) }

func policies(name string, values []any) Option {
	return func(p *plan) {
		var choices []Choice
		for _, v := range flatten(values) {
			switch v := v.(type) {
			case Choice:
				choices = append(choices, v)
			case string:
				choices = append(choices, named(name, v))
			default:
				p.fail(fmt.Errorf("%s takes names and choices, not %v (%[2]T)", name, v))
				return
			}
		}
		p.add(overChoices(name, choices))
	}
}

// named is a policy of spec's by name.
func named(param, value string) Choice {
	return Choice{Label: value, Experiment: func(e *spec.Experiment) error {
		if param == "router" {
			e.Router = value
		} else {
			e.Scheduler = value
		}
		return nil
	}}
}

// Zip makes one axis of several that move together: the first values of all,
// then the second ones, and so on. They must have equally many. Alone in a
// sweep it is a list of points.
func Zip(axes ...Option) Option {
	return func(p *plan) {
		var inner plan
		for _, o := range axes {
			if o == nil {
				continue
			}
			before := len(inner.axes)
			if o(&inner); len(inner.axes) == before && inner.err == nil {
				p.fail(fmt.Errorf("what is zipped must be axes"))
			}
		}
		if inner.err == nil {
			p.add(zipped(inner.axes))
		} else if p.err == nil {
			p.err = inner.err
		}
	}
}

func zipped(axes []axis) (axis, error) {
	if len(axes) == 0 {
		return axis{}, fmt.Errorf("nothing is zipped")
	}
	z := axis{steps: make([]step, len(axes[0].steps))}
	for _, a := range axes {
		if len(a.steps) != len(z.steps) {
			return z, fmt.Errorf("zipped axes must be of one length: %v has %d values and %v has %d", axes[0].names, len(z.steps), a.names, len(a.steps))
		}
		z.names, z.seeds = append(z.names, a.names...), z.seeds || a.seeds
		for i, s := range a.steps {
			to := &z.steps[i]
			to.values = append(to.values, s.values...)
			to.experiment = append(to.experiment, s.experiment...)
			to.config = append(to.config, s.config...)
			to.sources = append(to.sources, s.sources...)
			to.opaque = to.opaque || s.opaque
			to.asked = append(to.asked, s.asked...)
		}
	}
	return z, nil
}

// check gives the values of an axis of one name one type: whole numbers among
// others become float64. It reports an axis without values and types that do
// not mix.
func (a *axis) check() error {
	if len(a.steps) == 0 {
		return fmt.Errorf("%s has no values", a.names[0])
	}
	mixed := false
	for _, s := range a.steps {
		if kind := reflect.TypeOf(s.values[0]); kind != reflect.TypeOf(a.steps[0].values[0]) {
			mixed = true
		}
	}
	for i := range a.steps {
		switch v := a.steps[i].values[0].(type) {
		case int:
			if mixed {
				a.steps[i].values[0] = float64(v)
			}
		case float64:
		default:
			if mixed {
				return fmt.Errorf("%s mixes values of several types, %v (%[2]T) among them", a.names[0], v)
			}
		}
	}
	return nil
}
