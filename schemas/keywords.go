package schemas

import (
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// tagKeywords are the keywords that a jsonschema tag may set: for a result none, since
// clients would refuse results that break them.
func (dir direction) tagKeywords() []string {
	if dir == forOutput {
		return nil
	}
	return []string{
		"enum", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
	}
}

// checkKeywords panics if s has no type or has a keyword that a node does not have.
func checkKeywords(s *jsonschema.Schema, where string) {
	if s.Type == "" {
		panicf("%s has no single JSON type", where)
	}
	known := append(forInput.tagKeywords(),
		"type", "description", "items", "properties", "required", "additionalProperties")
	for _, keyword := range keywordsOf(s) {
		if !slices.Contains(known, keyword) {
			panicf("%s has the keyword %q, which some clients refuse", where, keyword)
		}
	}
}

// checkTag panics if a part of a field's jsonschema tag did not become a keyword:
// invopop silently drops what it does not know or cannot parse.
func (dir direction) checkTag(tag string, s *jsonschema.Schema, where string) {
	if tag == "" {
		return
	}
	set := keywordsOf(s)
	if s.Items != nil {
		set = append(set, keywordsOf(s.Items)...)
	}
	for part := range strings.SplitSeq(tag, ",") {
		keyword, _, _ := strings.Cut(part, "=")
		if !slices.Contains(dir.tagKeywords(), keyword) || !slices.Contains(set, keyword) {
			panicf("%s: %q in its jsonschema tag has no effect here", where, part)
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
