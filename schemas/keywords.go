package schemas

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// tagKeywords are the keywords that a jsonschema tag may set.
func tagKeywords() []string {
	return []string{
		"enum", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
	}
}

// schemaKeywords are the keywords that a schema may hold.
func schemaKeywords() []string {
	return append(tagKeywords(),
		"type", "description", "items", "properties", "required", "additionalProperties")
}

// refuseKeywords panics if s has no type or holds a keyword that a node has not.
func refuseKeywords(s *jsonschema.Schema, where string) {
	if s.Type == "" {
		panic(fmt.Sprintf("schemas: %s has no single JSON type", where))
	}
	for _, keyword := range keywordsOf(s) {
		if keyword != "$schema" && !slices.Contains(schemaKeywords(), keyword) {
			panic(fmt.Sprintf("schemas: %s: some clients refuse the keyword %q", where, keyword))
		}
	}
}

// refuseTag panics if a keyword of a field's jsonschema tag is not in what
// invopop made of it, which drops silently what it does not know or cannot parse.
func refuseTag(tag string, s *jsonschema.Schema, where string) {
	made := keywordsOf(s)
	if s.Items != nil {
		made = append(made, keywordsOf(s.Items)...)
	}
	for part := range strings.SplitSeq(tag, ",") {
		keyword, _, _ := strings.Cut(part, "=")
		if tag != "" && !(slices.Contains(tagKeywords(), keyword) && slices.Contains(made, keyword)) {
			panic(fmt.Sprintf("schemas: %s: %q in the jsonschema tag means nothing here", where, part))
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
