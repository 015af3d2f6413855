package notebook

import "slices"

// transient is metadata of cells that says how they were run or looked at, and that
// of notebooks.
var (
	transientOfCells     = []string{"execution", "ExecuteTime", "collapsed", "scrolled", "heading_collapsed", "hidden", "papermill"}
	transientOfNotebooks = []string{"widgets", "papermill", "signature"}
)

// Strip removes what a run has left: outputs, counts, times, the state of widgets,
// injected parameters, all of the language but its name, whether cells are folded. What
// is left is what its author wrote.
func (n *Notebook) Strip() {
	n.Cells = slices.DeleteFunc(n.Cells, func(c *Cell) bool { return c.Tagged(tagInjected) })
	for _, c := range n.Cells {
		c.Count, c.Outputs = nil, nil
		for _, key := range transientOfCells {
			delete(c.Metadata, key)
		}
		if view, ok := c.Metadata["jupyter"].(map[string]any); ok {
			delete(view, "outputs_hidden")
			if len(view) == 0 {
				delete(c.Metadata, "jupyter")
			}
		}
	}
	for _, key := range transientOfNotebooks {
		delete(n.Metadata, key)
	}
	if info, ok := n.Metadata["language_info"].(map[string]any); ok {
		for key := range info {
			if key != "name" {
				delete(info, key) // a front end knows them, and they change with its kernel
			}
		}
	}
	n.FixIDs()
}
