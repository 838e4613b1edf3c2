package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An endpoint is what the API's description says of it, and its handler.
type endpoint struct {
	method string
	query  []param
	body   []param // nil: takes no body
	serve  func(*call) answer
}

// A param is a query parameter or a member of a body.
type param struct {
	name     string
	form     form
	required bool
	min, max int64 // of an integer
	maxLen   int   // of a text, in characters; 0: any
}

// A form is the kind of a value.
type form string

const (
	formText     form = "string"
	formInteger  form = "integer"
	formBoolean  form = "boolean"
	formInputs   form = "array"     // of name and value, in a body
	formStatus   form = "status"    // a task's
	formTime     form = "timestamp" // ISO 8601 with a zone
	formCallback form = "callback"  // a public http or https URL
)

const (
	maxBody     = 4 << 20
	maxCallback = 2048
)

// check refuses what the API's description does not allow.
func (e endpoint) check(r *http.Request, body []byte) (refused answer, ok bool) {
	err := e.checkQuery(r.URL.RawQuery)
	if err == nil && e.body == nil && len(body) > 0 {
		err = fmt.Errorf("%s takes no body", r.Method)
	}
	if err == nil && e.body != nil {
		if err := checkMediaType(r.Header); err != nil {
			return refuseHTTP(http.StatusUnsupportedMediaType, err.Error()), false
		}
		err = e.checkBody(body)
	}
	if err != nil {
		return refuseHTTP(codeInvalidArgument, err.Error()), false
	}
	return answer{}, true
}

func checkMediaType(h http.Header) error {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return fmt.Errorf("Content-Type %q not supported", h.Get("Content-Type"))
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return fmt.Errorf("charset %q not supported", charset)
	}
	if h.Get("Content-Encoding") != "" {
		return fmt.Errorf("Content-Encoding %q not supported", h.Get("Content-Encoding"))
	}
	return nil
}

func (e endpoint) checkQuery(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 {
			return fmt.Errorf("query parameter %q is given twice", name)
		}
	}
	return checkMembers("query parameter", e.query, values, func(p param, v []string) error { return p.checkText(v[0]) })
}

func (e endpoint) checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("body is not UTF-8")
	}
	members, err := decodeObject(body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return checkMembers("member", e.body, members, param.checkJSON)
}

// checkMembers checks names against the known ones, then each value.
func checkMembers[V any](what string, known []param, given map[string]V, check func(param, V) error) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(known, func(p param) bool { return p.name == name }) {
			return fmt.Errorf("unknown %s %q", what, name)
		}
	}
	for _, p := range known {
		v, ok := given[p.name]
		if !ok && p.required {
			return fmt.Errorf("%s %q is required", what, p.name)
		}
		if !ok {
			continue
		}
		if err := check(p, v); err != nil {
			return fmt.Errorf("%s %q %w", what, p.name, err)
		}
	}
	return nil
}

// checkText checks a value that is text.
func (p param) checkText(v string) error {
	switch {
	case !utf8.ValidString(v):
		return errors.New("is not UTF-8")
	case p.maxLen > 0 && utf8.RuneCountInString(v) > p.maxLen:
		return fmt.Errorf("is longer than %d characters", p.maxLen)
	case p.form == formInteger:
		return p.checkInteger(v)
	case p.form == formStatus && !slices.Contains(statuses(), v):
		return fmt.Errorf("%q is not a status", v)
	case p.form == formTime:
		_, err := time.Parse(time.RFC3339, v)
		return err
	case p.form == formCallback:
		return checkCallback(v)
	case p.required && v == "":
		return errors.New("is empty")
	}
	return nil
}

func (p param) checkInteger(v string) error {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil {
		return fmt.Errorf("%q is not an integer", v)
	}
	if n < p.min || n > p.max {
		return fmt.Errorf("%d is not between %d and %d", n, p.min, p.max)
	}
	return nil
}

// checkCallback refuses other schemes, and addresses that are not public.
func checkCallback(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("is not an http or https URL")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && (!ip.IsGlobalUnicast() || ip.IsPrivate()) {
		return errors.New("is not publicly reachable")
	}
	return nil
}

// checkJSON checks a value that is JSON.
func (p param) checkJSON(raw json.RawMessage) error {
	switch p.form {
	case formBoolean:
		if s := string(raw); s != "true" && s != "false" {
			return errors.New("is not a boolean")
		}
		return nil
	case formInputs:
		return checkInputs(raw)
	}
	var s string
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return errors.New("is not a string")
	}
	return p.checkText(s)
}

func checkInputs(raw json.RawMessage) error {
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		return errors.New("is not an array")
	}
	for i, item := range items {
		members, err := decodeObject(item)
		if err == nil {
			err = checkMembers("member", []param{identifier("name"), {name: "value", form: formText}}, members, param.checkJSON)
		}
		if err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

// decodeObject reads exactly one JSON object, without duplicate names.
func decodeObject(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("is not a JSON object")
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("is not valid JSON: %w", err)
		}
		if _, twice := members[name.(string)]; twice {
			return nil, fmt.Errorf("has %q twice", name)
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("is not valid JSON: %w", err)
		}
		members[name.(string)] = v
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("is not valid JSON: %w", err)
	}
	if dec.InputOffset() != int64(len(bytes.TrimRight(data, " \t\r\n"))) {
		return nil, errors.New("has data after its end")
	}
	return members, nil
}
