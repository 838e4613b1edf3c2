package output

import "unicode/utf8"

// The costs of the parts of a text, in thousandths of a token. They are fitted to
// stay above the o200k vocabulary for texts of many kinds, random ones included, and
// to exceed it by half for English and JSON.
//
// A part never costs more than its two halves, so joined texts are never estimated
// higher than the sum of their own estimates: that takes
// milliRare+milliUpper <= milliWord, and milliMarkPair <= milliMark.
const (
	milliWord       = 830  // a run of letters, ending where small letters turn to capitals
	milliLetter     = 105  // each letter of it
	milliUpper      = 60   // a capital after another
	milliRare       = 770  // two letters that seldom stand together
	milliDigits     = 1000 // each three digits
	milliMark       = 1000 // a run of other ASCII characters
	milliMarkPair   = 750  // each further character of it
	milliMarkUsual  = 340  // that repeats the one before, or follows it in most JSON
	milliBlank      = 1000 // a run of white space
	milliBreak      = 600  // one that is a line end after a mark, or each change within it
	milliBlankAlike = 60   // each repetition within it
	milliSpace      = 100  // the one space before a word
)

// Tokens estimates from above how many o200k tokens s is, by the shapes of words:
// up to half too many for English and JSON, two to six times too many for other
// languages. It reads s once.
func Tokens(s string) int {
	milli := 0
	for i := 0; i < len(s); {
		size, cost := tokenPart(s, i)
		i += size
		milli += cost
	}
	return (milli + 999) / 1000
}

// tokenPart measures the part of s that begins at i.
func tokenPart(s string, i int) (size, milli int) {
	switch c := s[i]; {
	case isLetter(c):
		return tokenWord(s[i:])
	case isDigit(c):
		return tokenDigits(s[i:])
	case isSpace(c):
		return tokenBlank(s[i:], i > 0 && isMark(s[i-1]))
	case isMark(c):
		return tokenMarks(s[i:])
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	return size, runeMilli(r)
}

func isLetter(c byte) bool { c |= ' '; return 'a' <= c && c <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isMark(c byte) bool {
	return c < utf8.RuneSelf && !isLetter(c) && !isDigit(c) && !isSpace(c)
}

func tokenWord(s string) (size, milli int) {
	milli = milliWord
	small := false
	for ; size < len(s) && isLetter(s[size]); size++ {
		capital := s[size] < 'a'
		if capital && small {
			break
		}
		small = !capital
		milli += milliLetter
		if size == 0 {
			continue
		}
		if capital {
			milli += milliUpper
		}
		if isRarePair(s[size-1], s[size]) {
			milli += milliRare
		}
	}
	return size, milli
}

func tokenDigits(s string) (size, milli int) {
	for size < len(s) && isDigit(s[size]) {
		size++
	}
	return size, (size + 2) / 3 * milliDigits
}

func tokenBlank(s string, afterMark bool) (size, milli int) {
	milli = milliBlank
	if afterMark && (s[0] == '\n' || s[0] == '\r') {
		milli = milliBreak
	}
	for size = 1; size < len(s) && isSpace(s[size]); size++ {
		if s[size] == s[size-1] && s[size] != '\t' {
			milli += milliBlankAlike
		} else {
			milli += milliBreak
		}
	}
	if s[0] == ' ' && size == 1 && len(s) > 1 && !isDigit(s[1]) {
		milli = milliSpace
	}
	return size, milli
}

func tokenMarks(s string) (size, milli int) {
	milli = milliMark
	for size = 1; size < len(s) && isMark(s[size]); size++ {
		if isUsualPair(s[size-1], s[size]) {
			milli += milliMarkUsual
		} else {
			milli += milliMarkPair
		}
	}
	return size, milli
}

// isUsualPair reports whether b often continues a token that ends in a.
func isUsualPair(a, b byte) bool {
	if a == b {
		return a > ' '
	}
	switch string([]byte{a, b}) {
	case `":`, `:"`, `",`, `,"`, `{"`, `"}`, `},`, `,{`, `[{`, `}]`, `["`, `"]`, `[]`, `{}`, `/>`, `="`, `">`, `](`:
		return true
	}
	return false
}

func isRarePair(a, b byte) bool {
	return usualLetters[(a|' ')-'a']>>((b|' ')-'a')&1 == 0
}

// usualLetters holds, for each letter, the letters that often follow it in
// English: bit 0 is a, bit 25 is z. They are the 205 most frequent pairs, 96 in 100.
//
//nolint:gochecknoglobals // a table; Go has no constant arrays
var usualLetters = [26]uint32{
	0x12ebd6e, 0x1164810, 0x1a4d95, 0x44110, 0x1afb97d, 0xa4931, 0x60990, 0xa4111, 0xae787f, 0x0, 0x2010, 0x1144919, 0x14c111,
	0x11c415d, 0x7ef92a, 0xac811, 0x100000, 0x13c517d, 0x1cd195, 0x15e4991, 0xeb857, 0x111, 0x4191, 0x8100, 0x40010, 0x0,
}

// runeMilli is the cost of a character beyond ASCII: the average of its script.
func runeMilli(r rune) int {
	for _, s := range scriptCosts {
		if r < s.below {
			return s.milli
		}
	}
	return 4000
}

// scriptCosts is in order of characters; each entry begins where the one before ends.
//
//nolint:gochecknoglobals // a table; Go has no constant slices
var scriptCosts = []struct {
	below rune
	milli int
}{
	{0x100, 1100},   // Latin-1
	{0x250, 1800},   // further Latin
	{0x370, 2000},   // phonetic, combining
	{0x400, 1150},   // Greek
	{0x410, 2000},   // Cyrillic capitals of some languages
	{0x430, 1100},   // Cyrillic capitals
	{0x450, 800},    // Cyrillic
	{0x5d0, 2000},   // further Cyrillic, Armenian
	{0x5f0, 800},    // Hebrew
	{0x620, 2000},   // Arabic marks
	{0x64b, 1050},   // Arabic
	{0x900, 2000},   // further Arabic, Syriac
	{0xe00, 1700},   // Indic
	{0xe80, 1150},   // Thai
	{0x10d0, 3000},  // Lao, Tibetan, Burmese
	{0x1100, 1250},  // Georgian
	{0x1e00, 3000},  // others
	{0x1f00, 1500},  // Vietnamese
	{0x2010, 3000},  // Greek with accents
	{0x2028, 1400},  // punctuation
	{0x2100, 3000},  // superscripts, currencies
	{0x2800, 2500},  // symbols
	{0x3000, 3000},  // others
	{0x3021, 1600},  // punctuation of CJK
	{0x3041, 3000},  // others
	{0x3100, 1250},  // kana
	{0x4e00, 3000},  // rare CJK
	{0xa000, 2050},  // CJK
	{0xac00, 3000},  // others
	{0xd7b0, 2350},  // Hangul
	{0xff01, 3000},  // others
	{0xff60, 1600},  // full width
	{0x1f000, 4000}, // others
	{0x1fb00, 2700}, // emoji
}
