package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMessagesComeBack(t *testing.T) {
	for _, key := range []string{"", "a key"} {
		kernel, client := NewSession(key, "kernel"), NewSession(key, "ann")
		request, err := client.Decode(append([][]byte{[]byte("id")}, client.Encode(Draft{
			Type: "execute_request", Metadata: map[string]any{"cellId": "c1"},
			Content: map[string]any{"code": "a < b && c > \"ü\u2028\""}, Buffers: [][]byte{{0, 1}, {}},
		})...))
		if err != nil {
			t.Fatal(err)
		}
		if request.Header.Type != "execute_request" || request.Header.Session != client.ID || request.Header.Username != "ann" ||
			string(request.IDs[0]) != "id" || request.Metadata["cellId"] != "c1" || len(request.Buffers) != 2 || request.Parent.ID != "" {
			t.Errorf("%+v", request)
		}
		if want := `{"code":"a < b && c > \"ü\u2028\""}`; string(request.Content) != want {
			t.Errorf("%s, want %s", request.Content, want)
		}
		answer, err := client.Decode(kernel.Encode(Draft{Type: "execute_reply", Parent: request.RawHeader, Content: map[string]any{}}))
		if err != nil || answer.Parent != request.Header || answer.Header.ID == request.Header.ID || answer.Header.Session == client.ID {
			t.Errorf("%+v %v", answer, err)
		}
	}
}

func TestDatesHaveMicroseconds(t *testing.T) {
	for range 50 { // also when the last digits are zeros
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`).MatchString(Now()) {
			t.Fatal(Now())
		}
	}
	if _, err := time.Parse(time.RFC3339Nano, Now()); err != nil {
		t.Error(err)
	}
}

func TestTheParentIsTheRequestsHeaderByteForByte(t *testing.T) {
	header := []byte(`{ "msg_type":"x", "msg_id":"1", "subshell_id": null, "n":1.50 }`)
	s := NewSession("k", "")
	if got := s.Encode(Draft{Type: "t", Parent: header, Content: map[string]any{}})[3]; !bytes.Equal(got, header) {
		t.Errorf("%s", got)
	}
	frames := s.Encode(Draft{Type: "t", Content: map[string]any{}})
	if string(frames[3]) != "{}" || string(frames[4]) != "{}" {
		t.Errorf("%q", frames)
	}
}

// The signature is over the frames as they come, so a client may write its JSON
// as it likes.
func TestSignatures(t *testing.T) {
	s := NewSession("secret", "")
	parts := [][]byte{[]byte(`{"msg_type" : "x"}`), []byte(`{}`), []byte(` {} `), []byte("{\n}")}
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write(bytes.Join(parts, nil))
	good := hex.EncodeToString(mac.Sum(nil))
	message := func(sig string) [][]byte {
		return append([][]byte{[]byte(Delimiter), []byte(sig)}, parts...)
	}
	if _, err := s.Decode(message(good)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "x", good[:63], good + "0", strings.ToUpper(good), strings.Repeat("0", 64)} {
		if _, err := s.Decode(message(bad)); !errors.Is(err, ErrSignature) {
			t.Errorf("signature %q: %v", bad, err)
		}
	}
	parts[3] = []byte("{ }")
	if _, err := s.Decode(message(good)); !errors.Is(err, ErrSignature) {
		t.Error("changed content: ", err)
	}
}

func TestBrokenMessages(t *testing.T) {
	const h = `{"msg_type":"x"}`
	for _, c := range []struct{ name, frames, want string }{
		{"nothing", "", "none of 1"},
		{"no delimiter", "a|b|c|d|e|f|g", "none of 7"},
		{"only the delimiter", Delimiter, "0 frames after"},
		{"short", Delimiter + "||" + h + "|{}|{}", "4 frames after"},
		{"header", Delimiter + "||[]|{}|{}|{}", "header"},
		{"empty header", Delimiter + "|||{}|{}|{}", "header"},
		{"null header", Delimiter + "||null|{}|{}|{}", "header"},
		{"type is a number", Delimiter + `||{"msg_type":1}|{}|{}|{}`, "msg_type"},
		{"no type", Delimiter + "||{}|{}|{}|{}", "msg_type"},
		{"parent", Delimiter + "||" + h + "|x|{}|{}", "parent_header"},
		{"metadata", Delimiter + "||" + h + "|{}|[1]|{}", "metadata"},
		{"content", Delimiter + "||" + h + `|{}|{}|"x"`, "content"},
		{"cut content", Delimiter + "||" + h + `|{}|{}|{"code":`, "content"},
	} {
		var frames [][]byte
		for part := range strings.SplitSeq(strings.ReplaceAll(c.frames, "IDS|MSG", "IDS#MSG"), "|") {
			frames = append(frames, []byte(strings.ReplaceAll(part, "IDS#MSG", "IDS|MSG")))
		}
		if _, err := NewSession("", "").Decode(frames); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := NewSession("", "").Decode(nil); err == nil {
		t.Error("no frames")
	}
}

func TestJSONNeverFails(t *testing.T) {
	loop := map[string]any{}
	loop["me"] = loop
	type inner struct{ X float64 }
	for _, c := range []struct {
		in   any
		want string
	}{
		{map[string]any{"a": 1, "b": math.NaN()}, `{"a":1,"b":null}`},
		{[]float64{1, math.Inf(1), math.Inf(-1)}, `[1,null,null]`},
		{[2]float32{1, float32(math.NaN())}, `[1,null]`},
		{map[string][]float64{"x": {math.NaN()}}, `{"x":[null]}`},
		{map[string]any{"a": []any{inner{1}, inner{math.NaN()}}}, `{"a":[{"X":1},null]}`},
		{map[string]any{"f": func() {}, "c": make(chan int), "s": "t"}, `{"c":null,"f":null,"s":"t"}`},
		{map[string]any{"raw": json.RawMessage("{"), "n": nil}, `{"n":null,"raw":null}`},
		{map[string]any{"bad": math.NaN(), "bytes": []byte("hi"), "none": []int(nil)}, `{"bad":null,"bytes":"aGk=","none":null}`},
		{math.NaN(), "null"},
		{nil, "null"},
		{"<&>\xff", `"<&>\ufffd"`},
	} {
		if got := JSON(c.in); string(got) != c.want {
			t.Errorf("%#v: %s, want %s", c.in, got, c.want)
		}
	}
	if got := JSON(loop); !json.Valid(got) {
		t.Errorf("a loop: %s", got)
	}
}

func TestBundles(t *testing.T) {
	got := JSON(Bundle(map[string]any{
		"image/png":                      bytes.Repeat([]byte{0xff}, 60),
		"image/svg+xml":                  []byte("<svg/>"),
		"text/html":                      "<b>",
		"text/markdown":                  []byte("*m*"),
		"text/latex":                     3.5,
		"text/none":                      nil,
		"application/json":               map[string]any{"x": math.NaN()},
		"application/vnd.plotly.v1+json": `{"data":[]}`,
		"application/vnd.vega.v5+json":   json.RawMessage(`{"a":1}`),
		"application/x+json":             []byte("[1]"),
		"application/y+json":             "no json",
	}))
	want := `{"application/json":{"x":null},"application/vnd.plotly.v1+json":{"data":[]},"application/vnd.vega.v5+json":{"a":1},` +
		`"application/x+json":[1],"application/y+json":"no json","image/png":"` + strings.Repeat("////", 20) + `","image/svg+xml":"<svg/>",` +
		`"text/html":"<b>","text/latex":"3.5","text/markdown":"*m*","text/plain":"<application/json, application/vnd.plotly.v1+json,` +
		` application/vnd.vega.v5+json, application/x+json, application/y+json, image/png, image/svg+xml, text/html, text/latex, text/markdown>"}`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if b := Bundle(nil); b == nil || len(b) != 0 {
		t.Errorf("%v", b)
	}
	if b := Bundle(map[string]any{"text/plain": "x"}); len(b) != 1 || b["text/plain"] != "x" {
		t.Errorf("%v", b)
	}
}

func TestConnectionFiles(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "unexpected end"},
		{`[]`, "cannot unmarshal"},
		{`{"transport":"udp"}`, `"udp"`},
		{`{"transport":"ipc"}`, "ip is empty"},
		{`{"key":"k","signature_scheme":"hmac-md5"}`, "hmac-md5"},
		{`{"shell_port":65536}`, "65536"},
		{`{"hb_port":-1}`, "-1"},
		{`{"shell_port":"x"}`, "shell_port"},
	} {
		if _, err := ParseConnection([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.in, err, c.want)
		}
	}
	for _, c := range []struct{ in, network, addr string }{
		{`{}`, "tcp", "127.0.0.1:7"},
		{`{"ip":"*","curve_publickey":"x","signature_scheme":"none"}`, "tcp", ":7"},
		{`{"ip":"::1","key":"k","signature_scheme":"hmac-sha256"}`, "tcp", "[::1]:7"},
		{`{"transport":"ipc","ip":"/tmp/k"}`, "unix", "/tmp/k-7"},
	} {
		got, err := ParseConnection([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
		}
		if network, addr := got.Address(7); network != c.network || addr != c.addr {
			t.Errorf("%s: %s %s", c.in, network, addr)
		}
	}
	path := filepath.Join(t.TempDir(), "kernel.json")
	if _, err := ReadConnection(path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	os.WriteFile(path, []byte(`{"shell_port":5,"hb_port":`), 0o600)
	if _, err := ReadConnection(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
	os.WriteFile(path, []byte(`{"shell_port":5,"iopub_port":6,"stdin_port":7,"control_port":8,"hb_port":9}`), 0o600)
	c, err := ReadConnection(path)
	if err != nil || c != (Connection{"tcp", "127.0.0.1", 5, 8, 7, 6, 9, "", Scheme}) {
		t.Errorf("%+v %v", c, err)
	}
}

func FuzzDecode(f *testing.F) {
	s := NewSession("", "")
	f.Add(bytes.Join(s.Encode(Draft{Type: "t", Content: map[string]any{}}), []byte{0}))
	f.Add([]byte("id\x00<IDS|MSG>\x00\x00{\"msg_type\":\"x\"}\x00{}\x00{}\x00{}\x00buf"))
	f.Add([]byte("<IDS|MSG>\x00\x00 \x00 \x00 \x00 "))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := s.Decode(bytes.Split(in, []byte{0}))
		if err != nil {
			return
		}
		if m.Header.Type == "" || !json.Valid(m.Content) || !json.Valid(m.RawHeader) {
			t.Errorf("%+v", m)
		}
		again, err := s.Decode(s.Encode(Draft{Type: "r", Parent: m.RawHeader, Metadata: m.Metadata, Content: m.Content}))
		if err != nil || again.Parent != m.Header || len(again.Metadata) != len(m.Metadata) {
			t.Errorf("an answer to %q: %+v %v", in, again, err)
		}
	})
}

func FuzzConnection(f *testing.F) {
	f.Add([]byte(`{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"key":"k","signature_scheme":"hmac-sha256"}`))
	f.Add([]byte(`{"transport":"ipc","ip":"x"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := ParseConnection(in)
		if err != nil {
			return
		}
		if network, addr := c.Address(c.Shell); network == "" || addr == "" || c.Key != "" && c.Scheme != Scheme {
			t.Errorf("%s: %+v", in, c)
		}
	})
}
