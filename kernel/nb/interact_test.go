package nb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// front is a front end with controls, and what it was told.
type front struct {
	*Host
	comms   []CommMessage
	shown   []string // text of displays
	ids     []string
	printed string // by scripts
	on      bool
}

func newFront(t *testing.T) *front {
	f := &front{}
	f.Host = &Host{
		Comm: func(m CommMessage) { f.comms = append(f.comms, m) },
		Call: func(_ string, run func()) (failed Bundle) {
			defer func() {
				if p := recover(); p != nil {
					failed = Bundle{typeText: fmt.Sprint("failed: ", p)}
				}
			}()
			run()
			return nil
		},
		Capture: func(on bool) string {
			text := f.printed
			f.printed, f.on = "", on
			return text
		},
		Display: func(b Bundle, id string, update bool) {
			f.shown, f.ids = append(f.shown, fmt.Sprint(b[typeText])), append(f.ids, id)
		},
		Fail: func(err error) {},
	}
	t.Cleanup(SetHost(f.Host))
	return f
}

// states are the states of the models that were opened, by description.
func (f *front) states(t *testing.T) (states map[string]map[string]any, ids map[string]string) {
	states, ids = map[string]map[string]any{}, map[string]string{}
	for _, m := range f.comms {
		var d struct{ State map[string]any }
		if err := json.Unmarshal(m.Data, &d); m.Kind == "comm_open" && err != nil {
			t.Fatal(err)
		}
		if name, ok := d.State["description"].(string); ok {
			states[name], ids[name] = d.State, m.ID
		}
	}
	return states, ids
}

// controlsWant are the controls of TestControls by their labels.
var controlsWant = map[string]string{
	"a":     "IntSliderModel|value=1|min=-5|max=5|step=1",
	"b":     "IntSliderModel|value=20|min=0|max=200|step=20",
	"c":     "FloatSliderModel|value=0.5|min=0|max=1|step=0.01|readout_format=.2f",
	"d (s)": "FloatSliderModel|value=0.25|min=0|max=1|step=0.001|readout_format=.3f|tooltip=long",
	"e":     "DropdownModel|index=1|_options_labels=[x y]",
	"f":     "DropdownModel|index=2|_options_labels=[1 2 3]",
	"go":    "CheckboxModel|value=false",
	"h":     "DropdownModel|index=0|_options_labels=[1s 2s]",
	"i":     "TextModel|value=a|continuous_update=false",
	"j":     "IntTextModel|value=0",
	"k":     "FloatTextModel|value=0",
	"l":     "TextModel|value=",
}

// The control of a field follows from its type and tags.
func TestControls(t *testing.T) {
	f := newFront(t)
	p := struct {
		A int           `min:"-5" max:"5"`
		B uint8         `min:"0" max:"200" step:"20"`
		C float64       `min:"0" max:"1"`
		D float32       `min:"0" max:"1" step:"0.001" unit:"s" usage:"long"`
		E string        `choices:"x, y"`
		F int           `choices:"1,2,3"`
		G bool          `name:"go"`
		H time.Duration `choices:"1s,2s"`
		I []string
		J int64
		K float64
		L string
		x int
	}{A: 1, B: 20, C: 0.5, D: 0.25, E: "y", F: 3, H: time.Second, I: []string{"a"}}
	Interact(&p, func() any { return p.x })
	states, _ := f.states(t)
	for name, want := range controlsWant {
		got := fmt.Sprint(states[name]["_model_name"])
		for _, pair := range strings.Split(want, "|")[1:] {
			key, _, _ := strings.Cut(pair, "=")
			got += fmt.Sprintf("|%s=%v", key, states[name][key])
		}
		if got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if len(states) != 12 {
		t.Errorf("%d controls", len(states))
	}
	if !strings.HasPrefix(f.shown[0], "a = 1, b = 20, c = 0.5, d = 0.25 s, e = y") || f.ids[0] != "" || f.shown[1] != "0" || f.ids[1] == "" {
		t.Errorf("%q %q", f.shown, f.ids)
	}
}

// wrongControls are parameters that cannot have controls, by what is said.
var wrongControls = map[string]any{
	"there are no parameters": &struct{}{},
	"pointer to a struct":     struct{ A int }{},
	"cannot be a parameter":   &struct{ A func() }{},
	"a slider has both min and max": &struct {
		A int `min:"1"`
	}{},
	"a: a slider has both": &struct {
		A int `step:"1"`
	}{},
	"min and max are for numbers": &struct {
		A string `min:"1" max:"2"`
	}{},
	`"x" is no bound`: &struct {
		A int `min:"x" max:"2"`
	}{},
	`"0.5" is no bound`: &struct {
		A int `min:"0.5" max:"2"`
	}{},
	`"1e300" is no bound`: &struct {
		A int `min:"0" max:"1e300"`
	}{},
	`"NaN" is no bound`: &struct {
		A float64 `min:"NaN" max:"2"`
	}{},
	`"" is no bound`: &struct {
		A float64 `min:"0" max:"2" step:""`
	}{},
	"from 2 to 1 in steps of 1": &struct {
		A int `min:"2" max:"1"`
	}{},
	"in steps of -1": &struct {
		A int `min:"1" max:"2" step:"-1"`
	}{A: 1},
	"0 is not between 1 and 2": &struct {
		A int `min:"1" max:"2"`
	}{},
	`"b" in its choices is no int`: &struct {
		A int `choices:"0,b"`
	}{},
	`"" in its choices is no int`: &struct {
		A int `choices:"0,"`
	}{},
	"x is not among its choices a, b": &struct {
		A string `choices:"a,b"`
	}{"x"},
}

// Tags that say nothing sensible, and values that do not fit them.
func TestWrongControls(t *testing.T) {
	f := newFront(t)
	for want, p := range wrongControls {
		e, failed := ended(func() { Interact(p, func() any { t.Error("it runs"); return nil }) })
		var wrong *ParamError
		if !failed || !errors.As(e, &wrong) || !strings.Contains(wrong.Msg, want) {
			t.Errorf("%T: %v, want %s", p, e, want)
		}
	}
	if len(f.comms)+len(f.shown) > 0 {
		t.Error("something is shown")
	}
}

// Without controls the function runs once, below the values.
func TestInteractPlain(t *testing.T) {
	var out bytes.Buffer
	defer SetHost(&Host{Stdout: &out})()
	p := struct {
		QPS  float64 `min:"1" max:"9" unit:"requests/s"`
		Kind string
	}{4, "a b"}
	Interact(&p, func() any { return 42 })
	Interact(&p, func() any { return nil })
	if want := "qps = 4 requests/s, kind = a b\n42\nqps = 4 requests/s, kind = a b\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}

// Whatever a front end says, the field keeps a value in its range, and nothing
// panics.
func FuzzTake(f *testing.F) {
	f.Add("comm_msg", `{"method":"update","state":{"value":7}}`, true)
	f.Add("comm_msg", `{"method":"update","state":{"index":1,"value":null}}`, false)
	f.Add("comm_msg", `{"method":"request_state"}`, true)
	f.Add("comm_msg", `{"method":"update","state":{"value":1e999}}`, true)
	f.Add("comm_close", ``, true)
	f.Add("comm_open", `[]`, true)
	f.Fuzz(func(t *testing.T, kind, data string, slider bool) {
		host := newFront(t)
		p := struct {
			N int    `min:"1" max:"9"`
			S string `choices:"a,b"`
		}{5, "a"}
		Interact(&p, func() any { return p.N })
		_, ids := host.states(t)
		name := map[bool]string{true: "n", false: "s"}[slider]
		_ = host.Take(CommMessage{Kind: kind, ID: ids[name], Target: controlTarget, Data: json.RawMessage(data)})
		if p.N < 1 || p.N > 9 || p.S != "a" && p.S != "b" {
			t.Errorf("%+v", p)
		}
		for _, m := range host.comms {
			if len(m.Data) > 0 && !json.Valid(m.Data) {
				t.Errorf("%s", m.Data)
			}
		}
	})
}

// What is joined has all its parts, as text and, if one of them is more than text,
// as HTML.
func TestJoined(t *testing.T) {
	for _, c := range []struct {
		parts []Bundle
		want  Bundle
	}{
		{nil, Bundle{typeText: ""}},
		{[]Bundle{{typeText: "a", typeSVG: "<svg/>"}}, Bundle{typeText: "a", typeSVG: "<svg/>"}},
		{[]Bundle{{typeText: "a"}, {typeText: "b\n"}, {typeText: "c"}}, Bundle{typeText: "a\nb\nc"}},
		{
			[]Bundle{{typeText: "a<"}, {typeText: "p", typePNG: []byte("x")}, {typeText: "s", typeSVG: "<svg/>"}},
			Bundle{typeText: "a<\np\ns", typeHTML: `<pre>a&lt;</pre><div><img src="data:image/png;base64,eA=="></div><div><svg/></div>`},
		},
	} {
		var all []kept
		for _, b := range c.parts {
			all = append(all, kept{Bundle: b})
		}
		if got := joined(all); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}

// A display that is replaced while the function runs is shown once.
func TestLiveInside(t *testing.T) {
	f := newFront(t)
	p := struct{ N int }{1}
	Interact(&p, func() any {
		var l Live
		l.Show("one")
		f.printed = "printed"
		l.Show("two")
		Display("three")
		return nil
	})
	if got := f.shown[len(f.shown)-1]; got != "two\nprinted\nthree" {
		t.Errorf("%q", got)
	}
}
