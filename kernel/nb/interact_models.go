package nb

import (
	"fmt"
	"unicode/utf8"
)

// The models are those of ipywidgets 8
// (https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/jupyterwidgetmodels.latest.md).
// What a state leaves out has the default of the front end.
const (
	typeView       = "application/vnd.jupyter.widget-view+json"
	widgetTarget   = "jupyter.widget"
	controlTarget  = "jupyter.widget.control"
	widgetVersion  = "2.1.0" // of the protocol
	controlsModule = "@jupyter-widgets/controls"
	baseModule     = "@jupyter-widgets/base"
	modelsVersion  = "2.0.0"
)

// model is a model of the front end. Its state is guarded by the lock of the
// interactions.
type model struct {
	id      string
	state   map[string]any
	owner   *interaction
	control *control // nil of layouts and styles
}

// newModel makes a model of a kind: a control, or a style, whose view is in
// another module.
func newModel(kind string, style bool) *model {
	module, view, viewModule := controlsModule, kind+"View", controlsModule
	switch {
	case kind == "Layout":
		module, viewModule = baseModule, baseModule
	case style:
		view, viewModule = "StyleView", baseModule
	}
	return &model{state: map[string]any{
		"_model_module": module, "_model_module_version": modelsVersion, "_model_name": kind + "Model",
		"_view_module": viewModule, "_view_module_version": modelsVersion, "_view_name": view,
	}}
}

// reference is how a state names another model.
func (m *model) reference() string { return "IPY_MODEL_" + m.id }

// styles are the models of styles by the kind of control.
var styles = map[string]string{
	"IntSlider": "SliderStyle", "FloatSlider": "SliderStyle", "Checkbox": "CheckboxStyle", "Text": "TextStyle",
	"Dropdown": "DescriptionStyle", "IntText": "DescriptionStyle", "FloatText": "DescriptionStyle",
}

// build makes the models of an interaction. Every model is given its identity
// before others refer to it.
func (i *interaction) build(identity func() string) {
	add := func(m *model) *model {
		m.id, m.owner = identity(), i
		i.models = append(i.models, m)
		return m
	}
	width := 0
	for _, f := range i.fields {
		width = max(width, utf8.RuneCountInString(f.label()))
	}
	outer, inner := add(newModel("Layout", false)), add(newModel("Layout", false))
	inner.state["width"] = fmt.Sprintf("calc(%dch + 320px)", width+1)
	style := map[string]*model{}
	children := []string{}
	for n, f := range i.fields {
		c := newControl(f, n)
		name := styles[c.kind]
		if style[name] == nil {
			style[name] = add(newModel(name, true))
			style[name].state["description_width"] = fmt.Sprintf("%dch", width+1)
		}
		c.model.state["layout"], c.model.state["style"] = inner.reference(), style[name].reference()
		i.controls = append(i.controls, c)
		children = append(children, add(c.model).reference())
	}
	box := newModel("VBox", false)
	box.state["children"], box.state["layout"] = children, outer.reference()
	add(box)
}
