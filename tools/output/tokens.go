package output

import "unicode/utf8"

// Tokens estimates from above how many o200k tokens s is. It reads s once, and
// two texts together are never estimated higher than each for itself.
func Tokens(s string) int {
	milli := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			milli += runeMilli(r, size)
			i += size
			continue
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			milli += 500
		case '0' <= c && c <= '9':
			milli += 500
		case c == ' ':
			milli += 250
		default:
			milli += 800
		}
		i++
	}
	return (milli + 999) / 1000
}

func runeMilli(_ rune, size int) int {
	return [...]int{0, 2000, 1500, 2000, 4000}[size]
}
