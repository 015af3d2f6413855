package lower

import (
	"errors"
	"go/types"
	"reflect"
)

// Error is the text of an interpreted error.
func (e Err) Error() string { return e.T.methods["Error"].(func(any) string)(e) }

// Unwrap is the error's own, or nil.
func (e Err) Unwrap() error {
	if f, ok := e.T.methods["Unwrap"].(func(any) error); ok {
		return f(e)
	}
	return nil
}

// Is is the error's own, or false.
func (e Err) Is(target error) bool {
	f, ok := e.T.methods["Is"].(func(any, error) bool)
	return ok && f(e, target)
}

// many are the errors that an interpreted error joins.
func (e Err) many() []error {
	if f, ok := e.T.methods["Unwrap"].(func(any) []error); ok {
		return f(e)
	}
	return nil
}

// chain calls visit with err and what it wraps, in the order of package errors,
// until visit returns true.
func chain(err error, visit func(error) bool) bool {
	for err != nil {
		if visit(err) {
			return true
		}
		var list []error
		if e, ok := err.(Err); ok {
			list = e.many()
		}
		if m, ok := err.(interface{ Unwrap() []error }); ok {
			list = m.Unwrap()
		}
		for _, e := range list {
			if e != nil && chain(e, visit) {
				return true
			}
		}
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		err = u.Unwrap()
	}
	return false
}

// errorsIs is errors.Is.
func errorsIs(err, target error) bool {
	if err == nil || target == nil {
		return err == target
	}
	comparable := reflect.ValueOf(target).Comparable()
	if o, ok := object(target); ok {
		comparable = reflect.ValueOf(o.V).Comparable()
	}
	return chain(err, func(e error) bool {
		if comparable && reflect.ValueOf(unwrap(e)).Comparable() && equal(e, target) {
			return true
		}
		is, ok := e.(interface{ Is(error) bool })
		return ok && is.Is(target)
	})
}

// errorsAs is errors.As; target is a pointer, of an interpreted type with that.
func (r *Runtime) errorsAs(err error, target any) bool {
	o, own := object(target)
	if !own {
		return errors.As(err, target)
	}
	elem := r.elem(o.T)
	p := reflect.ValueOf(o.V).Elem()
	return chain(err, func(e error) bool {
		if r.is(elem, e) {
			if p.Kind() == reflect.Interface {
				p.Set(reflect.ValueOf(normal(e)))
			} else {
				get(e, o.V)
			}
			return true
		}
		if x, ok := e.(Err); ok {
			if f, ok := x.T.methods["As"].(func(any, any) bool); ok {
				return f(x, target)
			}
			return false
		}
		as, ok := e.(interface{ As(any) bool })
		return ok && as.As(target)
	})
}

// elem is the number of the type that a pointer type points to.
func (r *Runtime) elem(t *Type) int {
	return r.add(t.typ.Underlying().(*types.Pointer).Elem())
}
