package server

import (
	"context"
	"unicode/utf8"
)

// Offsets in messages count characters (unicode code points), those of a Runner
// bytes. What is out of range is taken to the next end.

func byteOffset(code string, chars int) int {
	for i := range code {
		if chars <= 0 {
			return i
		}
		chars--
	}
	if chars < 0 {
		return 0
	}
	return len(code)
}

func charOffset(code string, bytes int) int {
	return utf8.RuneCountInString(code[:min(max(bytes, 0), len(code))])
}

// position is the content of requests about a place of code.
type position struct {
	Code   string
	Cursor int `json:"cursor_pos"`
	Detail int `json:"detail_level"`
}

// icons are JupyterLab's words for kinds that have others here.
var icons = map[string]string{"package": "module", "type": "class", "variable": "instance"}

// complete lists what can stand at the cursor, for JupyterLab with types.
func (s *Server) complete(ctx context.Context, r *request) any {
	var p position
	if err := r.decode(&p); err != nil {
		return malformed(err)
	}
	c := s.run.Complete(ctx, p.Code, byteOffset(p.Code, p.Cursor))
	start, end := charOffset(p.Code, c.Start), charOffset(p.Code, c.End)
	matches, types := []string{}, []object{}
	for _, m := range c.Candidates {
		kind := m.Kind
		if icon, ok := icons[kind]; ok {
			kind = icon
		}
		matches = append(matches, m.Text)
		types = append(types, object{"text": m.Text, "type": kind, "signature": m.Type, "start": start, "end": end})
	}
	return object{
		"status": "ok", "matches": matches, "cursor_start": start, "cursor_end": end,
		"metadata": object{"_jupyter_types_experimental": types},
	}
}

// inspect describes what is at the cursor.
func (s *Server) inspect(ctx context.Context, r *request) any {
	var p position
	if err := r.decode(&p); err != nil {
		return malformed(err)
	}
	d := s.run.Inspect(ctx, p.Code, byteOffset(p.Code, p.Cursor), p.Detail)
	shown := shown(&Display{Data: d.Data, Metadata: d.Metadata})
	return object{"status": "ok", "found": len(d.Data) > 0, "data": shown["data"], "metadata": shown["metadata"]}
}

// isComplete says whether Enter runs the code or begins a line.
func (s *Server) isComplete(_ context.Context, r *request) any {
	var p position
	if err := r.decode(&p); err != nil {
		return malformed(err)
	}
	status, indent := s.run.Status(p.Code)
	if status == Incomplete {
		return object{"status": status, "indent": indent}
	}
	return object{"status": status}
}
