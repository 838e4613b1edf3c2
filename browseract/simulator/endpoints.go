package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// An endpoint is what the API's description says of it, and its handler.
type endpoint struct {
	method string
	query  *jsonschema.Schema
	body   *jsonschema.Schema // nil: takes no body
	serve  func(*call) answer
}

// endpoints are those of data/endpoints.yaml.
//
//nolint:gochecknoglobals // read once, and changed by no account
var endpoints = sync.OnceValue(func() map[string]endpoint {
	var described map[string]any
	decode("endpoints.yaml", &described)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.RegisterFormat(&jsonschema.Format{Name: "callback", Validate: checkCallback})
	if err := compiler.AddResource("endpoints", described); err != nil {
		panic("simulator: endpoints.yaml: " + err.Error())
	}
	all := map[string]endpoint{}
	for name, serve := range handlers() {
		members := described[name].(map[string]any)
		e := endpoint{method: members["method"].(string), serve: serve, query: compiler.MustCompile("endpoints#/" + name + "/query")}
		if members["body"] != nil {
			e.body = compiler.MustCompile("endpoints#/" + name + "/body")
		}
		all[name] = e
	}
	return all
})

func handlers() map[string]func(*call) answer {
	return map[string]func(*call) answer{
		"run-task":                         (*call).runTask,
		"run-task-by-template":             (*call).runTemplate,
		"get-task-status":                  (*call).getTaskStatus,
		"get-task":                         (*call).getTask,
		"list-tasks":                       (*call).listTasks,
		"resume-task":                      (*call).resumeTask,
		"stop-task":                        (*call).stopTask,
		"list-workflows":                   (*call).listWorkflows,
		"get-workflow":                     (*call).getWorkflow,
		"list-official-workflow-templates": (*call).listTemplates,
		"get-official-workflow-template":   (*call).getTemplate,
		"get-region-list":                  (*call).getRegions,
	}
}

// checkCallback refuses other schemes, and addresses that are not public.
func checkCallback(v any) error {
	text, _ := v.(string) // the type is checked apart
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("not an http or https URL")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && (!ip.IsGlobalUnicast() || ip.IsPrivate()) {
		return errors.New("not publicly reachable")
	}
	return nil
}

// A region is a country that a template's task can appear to come from.
type region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// regions are the supported ones, with the API's codes: UK, not GB.
//
//nolint:gochecknoglobals // read once, and changed by no account
var regions = sync.OnceValue(func() (list []region) {
	decode("regions.yaml", &list)
	return list
})

const maxBody = 4 << 20

// check refuses what the API's description does not allow.
func (e endpoint) check(r *http.Request, body []byte) (refused answer, ok bool) {
	err := e.checkQuery(r.URL.RawQuery)
	switch {
	case err != nil:
	case e.body != nil:
		if err := checkMediaType(r.Header); err != nil {
			return refuseHTTP(http.StatusUnsupportedMediaType, err.Error()), false
		}
		err = e.checkBody(body)
	case len(body) > 0:
		err = fmt.Errorf("%s takes no body", r.Method)
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
	query := map[string]any{}
	for name, list := range values {
		if len(list) > 1 || !utf8.ValidString(list[0]) {
			return fmt.Errorf("query: %q is given twice or not UTF-8", name)
		}
		query[name] = list[0]
		known := e.query.Properties[name]
		if n, err := strconv.Atoi(list[0]); err == nil && known != nil && slices.Contains(known.Types.ToStrings(), "integer") {
			query[name] = n
		}
	}
	return validate("query", e.query, query)
}

func (e endpoint) checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("body is not UTF-8")
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if err := checkNames(json.NewDecoder(bytes.NewReader(body))); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return validate("body", e.body, value)
}

// checkNames refuses an object in valid JSON that has a name twice.
func checkNames(dec *json.Decoder) error {
	begin, err := dec.Token()
	seen := map[json.Token]bool{}
	for err == nil && (begin == json.Delim('{') || begin == json.Delim('[')) && dec.More() {
		if begin == json.Delim('{') {
			name, _ := dec.Token()
			if seen[name] {
				return fmt.Errorf("%q is given twice", name)
			}
			seen[name] = true
		}
		err = checkNames(dec)
	}
	if _, nested := begin.(json.Delim); nested && err == nil {
		_, err = dec.Token()
	}
	return err
}

// validate returns the first of what the schema refuses.
func validate(what string, schema *jsonschema.Schema, value any) error {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](schema.Validate(value))
	if !ok {
		return nil
	}
	return errors.New(slices.Min(leaves(what, invalid)))
}

// leaves are the messages of the validator's tree of errors.
func leaves(what string, e *jsonschema.ValidationError) []string {
	if len(e.Causes) == 0 {
		at := strings.Join(append([]string{what}, e.InstanceLocation...), ".")
		return []string{at + ": " + e.ErrorKind.LocalizedString(message.NewPrinter(language.English))}
	}
	var all []string
	for _, cause := range e.Causes {
		all = append(all, leaves(what, cause)...)
	}
	return all
}
