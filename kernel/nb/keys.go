package nb

import (
	"cmp"
	"reflect"
	"slices"
)

// sortedKeys are the first and the last keys of a map, or all if those are more:
// numbers by value, others by how they print. It takes the time and the memory of
// what it returns, but for a look at each key.
func sortedKeys(m reflect.Value, head, tail int) []reflect.Value {
	keys := []key{}
	var last, first *key // of the head and of the tail so far
	for it := m.MapRange(); it.Next(); {
		k := newKey(it.Key())
		if last != nil && k.compare(*last) > 0 && (first == nil || k.compare(*first) < 0) {
			continue
		}
		keys = append(keys, k)
		if len(keys) < 4*(head+tail) {
			continue
		}
		keys = cutKeys(keys, head, tail)
		last, first = &keys[head-1], nil
		if tail > 0 {
			first = &keys[head]
		}
	}
	keys = cutKeys(keys, head, tail)
	out := make([]reflect.Value, len(keys))
	for i, k := range keys {
		out[i] = k.value
	}
	return out
}

// cutKeys sorts keys and leaves out those in the middle.
func cutKeys(keys []key, head, tail int) []key {
	slices.SortFunc(keys, key.compare)
	if n := len(keys); n > head+tail {
		return append(keys[:head:head], keys[n-tail:]...)
	}
	return keys
}

type key struct {
	value, inner reflect.Value
	class        int
	text         string // of others
}

func newKey(v reflect.Value) key {
	k := key{value: v, inner: inner(v)}
	if k.inner.IsValid() && k.inner.CanInterface() {
		if x, ok := k.inner.Interface().(Interpreted); ok {
			number, _ := x.View(0)
			k.inner = reflect.ValueOf(number)
		}
	}
	switch k.class = class(k.inner); {
	case k.class != others:
	case k.inner.IsValid() && k.inner.Kind() == reflect.String && !speaks(k.inner.Type()):
		k.text = k.inner.String()
	default:
		k.text = printed(v, true)
	}
	return k
}

// compare orders keys; those of an equal value by their type.
func (k key) compare(other key) int {
	order := cmp.Compare(k.class, other.class)
	if order == 0 {
		switch k.class {
		case ints:
			order = cmp.Compare(k.inner.Int(), other.inner.Int())
		case uints:
			order = cmp.Compare(k.inner.Uint(), other.inner.Uint())
		case floats:
			order = cmp.Compare(k.inner.Float(), other.inner.Float())
		default:
			order = cmp.Compare(k.text, other.text)
		}
	}
	if order == 0 && k.inner.IsValid() && other.inner.IsValid() {
		return cmp.Compare(k.inner.Type().String(), other.inner.Type().String())
	}
	return order
}

// Classes of keys, in the order in which they are sorted.
const (
	ints = iota
	uints
	floats
	others
)

func class(v reflect.Value) int {
	switch {
	case !v.IsValid():
		return others
	case v.CanInt():
		return ints
	case v.CanUint():
		return uints
	case v.CanFloat():
		return floats
	}
	return others
}
