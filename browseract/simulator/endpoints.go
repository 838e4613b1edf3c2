package simulator

import (
	"math"
	"net/http"
)

// endpointTable is the API's description: what each endpoint takes.
func endpointTable() map[string]endpoint {
	taskID := param{name: "task_id", form: formText, required: true}
	page := param{name: "page", form: formInteger, min: 1, max: math.MaxInt32}
	limit := param{name: "limit", form: formInteger, min: 1, max: 500}
	table := map[string]endpoint{}
	for _, e := range []endpoint{
		{name: "run-task", method: http.MethodPost, body: runMembers(), serve: (*Account).runTask},
		{name: "run-task-by-template", method: http.MethodPost, body: runTemplateMembers(), serve: (*Account).runTemplate},
		{name: "get-task-status", method: http.MethodGet, query: []param{taskID}, serve: (*Account).getTaskStatus},
		{name: "get-task", method: http.MethodGet, query: []param{taskID}, serve: (*Account).getTask},
		{name: "list-tasks", method: http.MethodGet, query: append(taskFilters(), page, limit), serve: (*Account).listTasks},
		{name: "resume-task", method: http.MethodPut, query: []param{taskID}, serve: (*Account).resumeTask},
		{name: "stop-task", method: http.MethodPut, query: []param{taskID, anyInteger("biz_code")}, serve: (*Account).stopTask},
		{name: "list-workflows", method: http.MethodGet, query: []param{page, limit}, serve: (*Account).listWorkflows},
		{name: "get-workflow", method: http.MethodGet, query: []param{{name: "workflow_id", form: formText, required: true}}, serve: (*Account).getWorkflow},
		{name: "list-official-workflow-templates", method: http.MethodGet, query: []param{{name: "keyword", form: formText}, page, limit}, serve: (*Account).listTemplates},
		{name: "get-official-workflow-template", method: http.MethodGet, query: []param{{name: "workflow_template_id", form: formText, required: true}}, serve: (*Account).getTemplate},
		{name: "get-region-list", method: http.MethodGet, serve: (*Account).getRegions},
	} {
		table[e.name] = e
	}
	return table
}

func runMembers() []param {
	return []param{
		{name: "workflow_id", form: formText, required: true},
		{name: "input_parameters", form: formInputs},
		{name: "save_browser_data", form: formBoolean},
		{name: "profile_id", form: formText},
		{name: "open_incognito_mode", form: formBoolean},
		{name: "callback_url", form: formCallback, maxLen: maxCallback},
		{name: "status_change_callback_url", form: formCallback, maxLen: maxCallback},
	}
}

func runTemplateMembers() []param {
	return []param{
		{name: "workflow_template_id", form: formText, required: true},
		{name: "input_parameters", form: formInputs},
		{name: "proxyRegion", form: formText},
		{name: "callback_url", form: formCallback, maxLen: maxCallback},
		{name: "status_change_callback_url", form: formCallback, maxLen: maxCallback},
	}
}

// inputMembers are those of an item of input_parameters.
func inputMembers() []param {
	return []param{
		{name: "name", form: formText, required: true},
		{name: "value", form: formText},
	}
}

func taskFilters() []param {
	return []param{
		{name: "status", form: formStatus},
		{name: "workflow_id", form: formText},
		{name: "workflow_name", form: formText},
		{name: "created_at_from", form: formTime},
		{name: "created_at_to", form: formTime},
	}
}

// region is a country that a template's task can appear to come from.
type region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// regions are the supported ones, under the vendor's codes: UK, not GB.
func regions() []region {
	return []region{
		{"United States", "US"}, {"United Kingdom", "UK"}, {"Germany", "DE"}, {"France", "FR"},
		{"Japan", "JP"}, {"South Korea", "KR"}, {"Singapore", "SG"}, {"Hong Kong", "HK"},
		{"Taiwan", "TW"}, {"India", "IN"}, {"Australia", "AU"}, {"Canada", "CA"},
		{"Brazil", "BR"}, {"Mexico", "MX"}, {"Spain", "ES"}, {"Italy", "IT"},
		{"Netherlands", "NL"}, {"Sweden", "SE"}, {"Poland", "PL"}, {"Turkey", "TR"},
	}
}
