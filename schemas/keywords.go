package schemas

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// tagKeywords are the keywords that a jsonschema tag may set. A result has none:
// clients would refuse a result that we find good.
func (way direction) tagKeywords() []string {
	if way == forOutput {
		return nil
	}
	return []string{
		"enum", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
	}
}

// refuseKeywords panics if s has no type or has a keyword that a node has not.
func refuseKeywords(s *jsonschema.Schema, where string) {
	if s.Type == "" {
		panic(fmt.Sprintf("schemas: %s has no single JSON type", where))
	}
	sound := append(forInput.tagKeywords(),
		"type", "description", "items", "properties", "required", "additionalProperties")
	for _, keyword := range keywordsOf(s) {
		if !slices.Contains(sound, keyword) {
			panic(fmt.Sprintf("schemas: %s has the keyword %q, which some clients refuse", where, keyword))
		}
	}
}

// refuseTag panics if a part of a field's jsonschema tag did not become a
// keyword: invopop drops silently what it does not know or cannot parse.
func (way direction) refuseTag(tag string, s *jsonschema.Schema, where string) {
	if tag == "" {
		return
	}
	made := keywordsOf(s)
	if s.Items != nil {
		made = append(made, keywordsOf(s.Items)...)
	}
	for part := range strings.SplitSeq(tag, ",") {
		keyword, _, _ := strings.Cut(part, "=")
		if !slices.Contains(way.tagKeywords(), keyword) || !slices.Contains(made, keyword) {
			panic(fmt.Sprintf("schemas: %s: %q in its jsonschema tag means nothing here", where, part))
		}
	}
}

// keywordsOf returns the keywords that s holds.
func keywordsOf(s *jsonschema.Schema) []string {
	var keywords []string
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			keyword, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			keywords = append(keywords, keyword)
		}
	}
	return keywords
}
