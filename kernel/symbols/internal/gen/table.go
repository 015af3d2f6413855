package main

import "strings"

const module = "github.com/govidur/govidur"

// offered lists the packages that scripts may import. To offer another one, add
// a line and run go generate ./kernel/symbols.
var offered = func() []string {
	var paths []string
	for _, group := range []struct{ prefix, names string }{
		{"", standard},
		{module + "/", ours},
		{"github.com/go-gota/gota/", "dataframe series"},
		{"gonum.org/v1/gonum/", "floats mat stat stat/distuv"},
		{"gonum.org/v1/plot", "/ /font /palette /plotter /plotutil /text /vg /vg/draw /vg/vgimg"},
		{"github.com/sjwhitworth/golearn/", "base evaluation filters naive trees"},
	} {
		for _, name := range strings.Fields(group.names) {
			paths = append(paths, strings.TrimSuffix(group.prefix+name, "/"))
		}
	}
	return paths
}()

// standard leaves out what is the same only on one platform (syscall), what only
// compiled code can use (testing, unsafe, plugin), and what serves no script.
const standard = `
	bufio bytes cmp compress/gzip container/heap container/list container/ring context
	crypto/md5 crypto/sha1 crypto/sha256
	encoding encoding/base64 encoding/binary encoding/csv encoding/gob encoding/hex encoding/json encoding/xml
	errors flag fmt hash hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash html html/template
	image image/color image/draw image/gif image/jpeg image/png io io/fs iter
	log log/slog maps math math/big math/bits math/cmplx math/rand math/rand/v2
	net net/http net/url os os/exec os/signal path path/filepath
	reflect regexp runtime runtime/debug slices sort strconv strings sync sync/atomic
	text/scanner text/tabwriter text/template time unicode unicode/utf16 unicode/utf8`

const ours = `
	vidur vidur/breakdown vidur/catalog vidur/exectime vidur/exectime/aiconf vidur/exectime/cart vidur/exectime/learn
	vidur/exectime/profile vidur/exectime/profile/fit vidur/exectime/profile/imports vidur/exectime/profile/layerwise vidur/exectime/profile/plan vidur/exectime/trained vidur/frames vidur/metrics
	vidur/route vidur/sched vidur/spec vidur/trace vidur/vidurtest vidur/workload
	vidur/plots vidur/search vidur/wandb kernel/nb`

// ident makes an identifier, which is also the name of a file, of the path of a
// package.
func ident(path string) string {
	for _, prefix := range []string{module + "/", "github.com/go-gota/", "github.com/sjwhitworth/", "gonum.org/v1/"} {
		path = strings.TrimPrefix(path, prefix)
	}
	return strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
}
