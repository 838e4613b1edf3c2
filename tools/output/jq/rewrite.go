package jq

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// rewriter makes the operators of a program calls of functions, which guards.jq
// defines.
type rewriter struct {
	keys []string
	err  error
}

func (r *rewriter) rewrite(query *gojq.Query) error {
	if query.Meta != nil || len(query.Imports) > 0 {
		return fmt.Errorf("modules are not offered; leave out module, import and include")
	}
	r.walk(reflect.ValueOf(query))
	return r.err
}

// walk visits all nodes of a syntax tree, the inner ones first.
func (r *rewriter) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			r.walk(v.Elem())
			r.visit(v.Interface())
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.walk(v.Index(i))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			r.walk(field)
		}
	}
}

func (r *rewriter) visit(node any) {
	switch node := node.(type) {
	case *gojq.FuncDef:
		r.name(node.Name)
	case *gojq.Func:
		r.name(node.Name)
	case *gojq.Query:
		operator(node)
	case *gojq.Index:
		if !node.IsSlice {
			node.Start = checkedIndex(node.Start)
		}
	case *gojq.PatternObject:
		node.KeyQuery = checkedIndex(node.KeyQuery)
	case *gojq.ObjectKeyVal:
		r.key(node)
	}
}

// name refuses the names of gojq's inner functions, which nobody guards.
func (r *rewriter) name(name string) {
	if strings.HasPrefix(name, "_") && r.err == nil {
		r.err = fmt.Errorf("function names may not begin with _, as %q does; use another", name)
	}
}

func (r *rewriter) key(node *gojq.ObjectKeyVal) {
	key := strings.TrimPrefix(node.Key, "$")
	if node.KeyString != nil && node.KeyString.Queries == nil {
		key = node.KeyString.Str
	}
	if key != "" && !slices.Contains(r.keys, key) {
		r.keys = append(r.keys, key)
	}
}

// guardOf returns the function of guards.jq that stands for an operator, empty for
// those that need none.
func guardOf(op gojq.Operator) string {
	switch op {
	case gojq.OpAdd:
		return "_add"
	case gojq.OpSub:
		return "_subtract"
	case gojq.OpMul:
		return "_multiply"
	case gojq.OpDiv:
		return "_divide"
	case gojq.OpEq:
		return "_equal"
	case gojq.OpNe:
		return "_notequal"
	case gojq.OpGt:
		return "_greater"
	case gojq.OpLt:
		return "_less"
	case gojq.OpGe:
		return "_greatereq"
	case gojq.OpLe:
		return "_lesseq"
	case gojq.OpAssign:
		return "_assign"
	}
	return ""
}

// operator makes a query that is an operation a call.
func operator(q *gojq.Query) {
	guard := guardOf(q.Op)
	if guard == "" || cheap(q) {
		return
	}
	q.Term = &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: guard, Args: []*gojq.Query{q.Left, q.Right}}}
	q.Left, q.Right, q.Op = nil, nil, 0
}

// cheap tells whether an operation has a plain value, with which adding and
// comparing costs little. There are many of these.
func cheap(q *gojq.Query) bool {
	switch q.Op {
	case gojq.OpMul, gojq.OpDiv, gojq.OpAssign:
		return false
	default:
		return plain(q.Left) || plain(q.Right)
	}
}

// plain tells whether a query is a number, text, true, false or null as written.
func plain(q *gojq.Query) bool {
	if q == nil || q.Term == nil || len(q.Term.SuffixList) > 0 || len(q.FuncDefs) > 0 {
		return false
	}
	switch q.Term.Type {
	case gojq.TermTypeNumber, gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse:
		return true
	case gojq.TermTypeString:
		return q.Term.Str.Queries == nil
	default:
		return false
	}
}

// checkedIndex has an index that is worked out pass the guard for indices.
func checkedIndex(q *gojq.Query) *gojq.Query {
	if q == nil || plain(q) {
		return q
	}
	guard := &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: "_index_guard"}}
	return &gojq.Query{Left: q, Op: gojq.OpPipe, Right: &gojq.Query{Term: guard}}
}
