package trained

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// Cache keeps what was learnt of an operator in a file of its own, under a key
// that is the hash of all that it was learnt from: samples, estimators, folds and
// the version of this format. What does not change a model, as the step of
// look-ups or overheads do not, is not in a file either. So nothing in it can be
// out of date; what is broken, cut short or not ours is made anew. Several
// processes may use it at once, and it may be deleted at any time.
type Cache struct {
	Dir string // made when something is kept; "" means no cache
}

// UserCache is the cache in the user's folder for such, or none if there is no
// such folder.
func UserCache() Cache {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Cache{}
	}
	return Cache{Dir: filepath.Join(dir, "govidur")}
}

// cacheFormat is raised when the format of the files changes, and when an
// estimator comes to learn another model than before under the same name.
const cacheFormat = "govidur operator 1\n"

type key [sha256.Size]byte

// A file is: cacheFormat, key, length of the content, SHA-256 of the key and the
// content; then the content: length of the figures, figures in JSON, the model.
const headerSize = len(cacheFormat) + sha256.Size + 8 + sha256.Size

// cacheKey hashes all that learning an operator depends on. Lengths go before
// contents, so that nothing can stand for anything else.
func cacheKey(s *profile.Samples, grid []learn.Estimator, folds learn.Folds) key {
	h := sha256.New()
	text := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		fmt.Fprintf(h, "%d:%s", len(line), line)
	}
	text("%s", cacheFormat)
	text("%v", s.Op)
	text("%+v", folds)
	text("%d", len(grid))
	for _, e := range grid {
		text("%s", e)
	}
	text("%q", s.Features)
	for _, column := range append(s.X[:len(s.X):len(s.X)], s.Y) {
		buf := binary.LittleEndian.AppendUint64(make([]byte, 0, 8*len(column)+8), uint64(len(column)))
		for _, v := range column {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
		}
		h.Write(buf)
	}
	return key(h.Sum(nil))
}

func (c Cache) path(k key) string {
	return filepath.Join(c.Dir, "operators", hex.EncodeToString(k[:])+".bin")
}

// load is what is kept under a key, if it is whole.
func (c Cache) load(k key) (selected, bool) {
	if c.Dir == "" {
		return selected{}, false
	}
	f, err := os.Open(c.path(k))
	if err != nil {
		return selected{}, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < int64(headerSize) {
		return selected{}, false
	}
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(f, header); err != nil || !bytes.Equal(header[:headerSize-sha256.Size], head(k, info.Size()-int64(headerSize))) {
		return selected{}, false
	}
	content := make([]byte, info.Size()-int64(headerSize))
	if _, err := io.ReadFull(f, content); err != nil || digest(k, content) != [sha256.Size]byte(header[headerSize-sha256.Size:]) {
		return selected{}, false
	}
	return unpack(content)
}

// store keeps what was learnt and returns it as load would, so that a run that
// learns and one that loads get the same bits. An error leaves it usable.
func (c Cache) store(k key, v selected) (selected, error) {
	if c.Dir == "" {
		return v, nil
	}
	content, err := pack(v)
	if err != nil {
		return v, err
	}
	if again, ok := unpack(content); ok {
		v = again
	}
	return v, c.write(k, content)
}

// write puts the file in place at once: a reader sees all of it or none.
func (c Cache) write(k key, content []byte) error {
	path := c.path(k)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already if all went well
	sum := digest(k, content)
	_, err = f.Write(append(append(head(k, int64(len(content))), sum[:]...), content...))
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// head is the header without the hash.
func head(k key, length int64) []byte {
	return binary.LittleEndian.AppendUint64(append([]byte(cacheFormat), k[:]...), uint64(length))
}

func digest(k key, content []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(k[:])
	h.Write(content)
	return [sha256.Size]byte(h.Sum(nil))
}

func pack(v selected) ([]byte, error) {
	figures, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	model, err := learn.Encode(v.model)
	if err != nil {
		return nil, err
	}
	content := binary.LittleEndian.AppendUint32(nil, uint32(len(figures)))
	return append(append(content, figures...), model...), nil
}

func unpack(content []byte) (v selected, ok bool) {
	if len(content) < 4 {
		return v, false
	}
	n, rest := binary.LittleEndian.Uint32(content), content[4:]
	if uint64(n) > uint64(len(rest)) || json.Unmarshal(rest[:n], &v) != nil {
		return v, false
	}
	var err error
	v.model, err = learn.Decode(rest[n:])
	return v, err == nil
}
