package nb

import (
	"fmt"
	"reflect"
	"strings"
)

// Interact shows controls for the fields of the struct that p points to and,
// below them, what f prints and returns. Whenever a control is moved, the field
// is set and f runs again; what it shows takes the place of what was there, as an
// error does until the next move.
//
//	p := struct {
//		QPS       float64 `min:"1" max:"20" step:"0.5" unit:"requests/s"`
//		Chunk     int     `min:"64" max:"2048" step:"64" usage:"tokens of a batch"`
//		Scheduler string  `choices:"sarathi,vllm,orca"`
//		Full      bool
//	}{QPS: 4, Chunk: 512, Scheduler: "vllm"}
//	nb.Interact(&p, func() any { return run(p) })
//
// The fields are those that [Params] takes, with their tags. A number with min and
// max has a slider, whose steps are 1 for integers and a hundredth of the range
// for floats unless step says so; choices, separated by commas, make a menu; a
// bool is a box to tick; everything else is typed, lists and durations as in
// flags. A value out of its range or not among its choices, or a tag that says
// nothing sensible, is the error of the cell, a *[ParamError].
//
// Controls are those of ipywidgets and need its extension in the front end. Where
// there are none, in a terminal, in a script that is run and in a notebook that
// is executed without anybody looking, f runs once for the values as they are,
// below a line with them. An error of that first run is the script's or the
// cell's. The controls end with the kernel, or when the cell runs again; what f
// calls is what was declared when the cell ran.
func Interact(p any, f func() any) {
	v, list, err := fieldsOf(p)
	if err == nil {
		err = checkControls(v, list)
	}
	if err != nil {
		fail(err, exitParams)
	}
	h, _ := host()
	line := valuesLine(list)
	if !h.hasWidgets() || !h.interactions.begin() {
		Display(line)
		if r := f(); r != nil {
			Display(r)
		}
		return
	}
	defer h.interactions.end()
	h.interact(v, list, f)
}

// valuesLine are the parameters in a line.
func valuesLine(list []field) string {
	parts := make([]string, len(list))
	for i, f := range list {
		parts[i] = strings.TrimSpace(f.name + " = " + format(f.value) + " " + f.unit)
	}
	return strings.Join(parts, ", ")
}

// interaction is what one call of Interact shows.
type interaction struct {
	cell     string // that it belongs to
	display  string // identity of what f shows
	value    reflect.Value
	fields   []field
	controls []*control
	models   []*model // in the order in which they are opened; the last one holds all
	f        func() any
}

// interact shows controls and what f gives for the values as they are. Nothing is
// left behind if f fails.
func (h *Host) interact(v reflect.Value, list []field, f func() any) {
	i := &interaction{value: v, fields: list, f: f}
	ended := false
	defer func() {
		if text := h.interactions.printed(); !ended && text != "" {
			h.Display(Bundle{typeText: text}, "", false)
		}
	}()
	shown := h.runCaptured(f)
	ended = true
	h.interactions.enter(i)
	for _, m := range i.models {
		h.openModel(m)
	}
	b := Bundle{typeText: valuesLine(list), typeView: asJSON(map[string]any{
		"version_major": 2, "version_minor": 0, "model_id": i.models[len(i.models)-1].id,
	})}
	output.Lock()
	defer output.Unlock()
	h.Display(b, "", false)
	h.Display(shown, i.display, false)
}

// again runs f after a control was moved.
func (h *Host) again(i *interaction) {
	var shown Bundle
	failed := h.Call(i.display, func() { shown = h.runCaptured(i.f) })
	if failed != nil {
		shown = failed
		if printed := strings.TrimSuffix(h.interactions.printed(), "\n"); printed != "" {
			shown = Bundle{typeText: printed + "\n" + fmt.Sprint(failed[typeText])}
		}
	}
	output.Lock()
	defer output.Unlock()
	h.Display(shown, i.display, true)
}
