package output

import (
	"regexp"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// Line is [sanitize.OneLine].
//
// Deprecated: this file goes once its callers use tools/sanitize.
func Line(s string, limit int) string { return sanitize.OneLine(s, limit) }

// Clean is [sanitize.Invisible].
func Clean(s string) string { return sanitize.Invisible(s) }

// Show is [sanitize.Text].
func Show(s string) string { return sanitize.Text(s) }

// Fence is [sanitize.Fence], which draws the nonce itself.
func Fence(text, _ string) string { return sanitize.Fence(text) }

// Numbered is [sanitize.Numbered].
func Numbered(noun string, number int) string { return sanitize.Numbered(noun, number) }

// Lazily is [lazyregexp.New].
func Lazily(pattern string) func() *regexp.Regexp { return lazyregexp.New(pattern) }
