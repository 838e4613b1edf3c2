package jq

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// rewriter replaces the operators of a program by calls of functions in guards.jq.
type rewriter struct {
	keys []string
	err  error
}

func (r *rewriter) rewrite(query *gojq.Query) error {
	if query.Meta != nil || len(query.Imports) > 0 {
		return errors.New("modules are not available; leave out module, import and include")
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
		r.checkName(node.Name)
	case *gojq.Func:
		r.checkName(node.Name)
	case *gojq.Query:
		rewriteOperator(node)
	case *gojq.Index:
		if !node.IsSlice {
			node.Start = guardIndex(node.Start)
		}
	case *gojq.PatternObject:
		node.KeyQuery = guardIndex(node.KeyQuery)
	case *gojq.ObjectKeyVal:
		r.addKey(node)
	}
}

// checkName refuses the names of gojq's internal functions, which have no guards.
func (r *rewriter) checkName(name string) {
	if strings.HasPrefix(name, "_") && r.err == nil {
		r.err = fmt.Errorf("function names cannot begin with _, as %q does; use another", name)
	}
}

func (r *rewriter) addKey(node *gojq.ObjectKeyVal) {
	key := strings.TrimPrefix(node.Key, "$")
	if node.KeyString != nil && node.KeyString.Queries == nil {
		key = node.KeyString.Str
	}
	if key != "" && !slices.Contains(r.keys, key) {
		r.keys = append(r.keys, key)
	}
}

// operatorGuards are the functions of guards.jq that replace operators.
//
//nolint:gochecknoglobals // a table; Go has no constant maps
var operatorGuards = map[gojq.Operator]string{
	gojq.OpAdd: "_add", gojq.OpSub: "_subtract", gojq.OpMul: "_multiply", gojq.OpDiv: "_divide",
	gojq.OpEq: "_equal", gojq.OpNe: "_notequal", gojq.OpGt: "_greater", gojq.OpLt: "_less",
	gojq.OpGe: "_greatereq", gojq.OpLe: "_lesseq", gojq.OpAssign: "_assign",
}

func rewriteOperator(q *gojq.Query) {
	guard, ok := operatorGuards[q.Op]
	if !ok || isCheap(q) {
		return
	}
	q.Term = call(guard, q.Left, q.Right)
	q.Left, q.Right, q.Op = nil, nil, 0
}

func call(name string, args ...*gojq.Query) *gojq.Term {
	return &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}
}

// isCheap reports whether an operation adds or compares a literal, which costs little.
func isCheap(q *gojq.Query) bool {
	switch q.Op {
	case gojq.OpMul, gojq.OpDiv, gojq.OpAssign:
		return false
	default:
		return isLiteral(q.Left) || isLiteral(q.Right)
	}
}

// isLiteral reports whether a query is a number, text, true, false or null as written.
func isLiteral(q *gojq.Query) bool {
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

// guardIndex passes an index that is computed through the guard for indices.
func guardIndex(q *gojq.Query) *gojq.Query {
	if q == nil || isLiteral(q) {
		return q
	}
	return &gojq.Query{Left: q, Op: gojq.OpPipe, Right: &gojq.Query{Term: call("_index_guard")}}
}
