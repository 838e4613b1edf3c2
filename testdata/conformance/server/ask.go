package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// askingTools need an answer of the client before they can end. A client of
// 2026-07-28 is handed the questions and calls again with the answers; mcp-go
// sends the same questions as requests to a client of an older revision, which
// takes a session.
func askingTools() []mcpserver.ServerTool {
	name := ask("What is your name?", "name", "string")
	sample := sampling("What is the capital of France?")
	confirm := ask("Please confirm", "ok", "boolean")
	return []mcpserver.ServerTool{
		asking("test_input_required_result_elicitation", mcp.InputRequests{"user_name": name}),
		asking("test_input_required_result_sampling", mcp.InputRequests{"capital_question": sample}),
		asking("test_input_required_result_list_roots", mcp.InputRequests{"client_roots": mcp.NewRootsInputRequest()}),
		asking("test_input_required_result_request_state", mcp.InputRequests{"confirm": confirm}),
		asking("test_input_required_result_tampered_state", mcp.InputRequests{"confirm": confirm}),
		asking("test_input_required_result_capabilities", mcp.InputRequests{"name": name, "sample": sample}),
		asking("test_input_required_result_multiple_inputs",
			mcp.InputRequests{"user_name": name, "greeting": sample, "client_roots": mcp.NewRootsInputRequest()}),
		asking("test_input_required_result_multi_round",
			mcp.InputRequests{"step1": name}, mcp.InputRequests{"step2": ask("What is your favorite color?", "color", "string")}),
		asking("test_streaming_elicitation", mcp.InputRequests{"user_name": name}),
		tool("test_missing_capability", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return nil, mcp.MissingRequiredClientCapabilityError{Capability: "sampling"}
		}),

		// Of 2025-11-25.
		asking("test_sampling", mcp.InputRequests{"sample": sample}),
		asking("test_elicitation", mcp.InputRequests{"name": name}),
		asking("test_elicitation_sep1034_defaults", mcp.InputRequests{"name": name}),
		asking("test_elicitation_sep1330_enums", mcp.InputRequests{"name": name}),
	}
}

func ask(message, property, kind string) mcp.InputRequest {
	return mcp.NewElicitationInputRequest(mcp.ElicitationParams{
		Message: message,
		RequestedSchema: map[string]any{
			"type":       "object",
			"properties": map[string]any{property: map[string]any{"type": kind}},
			"required":   []string{property},
		},
	})
}

func sampling(prompt string) mcp.InputRequest {
	return mcp.NewSamplingInputRequest(mcp.CreateMessageParams{
		Messages:  []mcp.SamplingMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(prompt)}},
		MaxTokens: 100,
	})
}

func asking(name string, rounds ...mcp.InputRequests) mcpserver.ServerTool {
	d := newDialog(rounds...)
	return tool(name, func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		open, err := d.next(ctx, req.Params.MultiRoundTripParams)
		if err != nil || open.InputRequests == nil {
			return mcp.NewToolResultText("state-ok"), err
		}
		return &mcp.CallToolResult{Result: mcp.Result{ResultType: mcp.ResultTypeInputRequired}, MultiRoundTripResult: open}, nil
	})
}

// A dialog asks its rounds of questions one after the other. How far it has come
// travels in the state that the client hands back, signed with a key.
type dialog struct {
	rounds []mcp.InputRequests
	key    []byte
}

func newDialog(rounds ...mcp.InputRequests) *dialog {
	return &dialog{rounds: rounds, key: []byte(rand.Text())}
}

// next is what is still to be asked, nothing once every round has its answers.
func (d *dialog) next(ctx context.Context, got mcp.MultiRoundTripParams) (mcp.MultiRoundTripResult, error) {
	round, err := d.read(got.RequestState)
	if err != nil {
		return mcp.MultiRoundTripResult{}, err
	}
	if answered(d.rounds[round], got.InputResponses) {
		round++
	}
	if round == len(d.rounds) {
		return mcp.MultiRoundTripResult{}, nil
	}
	return mcp.MultiRoundTripResult{InputRequests: askable(ctx, d.rounds[round]), RequestState: d.state(round)}, nil
}

func (d *dialog) state(round int) string {
	number := strconv.Itoa(round)
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(number))
	return number + "." + hex.EncodeToString(mac.Sum(nil))
}

// read is the round that state stands for, the first one if it is empty.
func (d *dialog) read(state string) (int, error) {
	number, _, _ := strings.Cut(state, ".")
	round, _ := strconv.Atoi(number)
	if state != "" && !hmac.Equal([]byte(state), []byte(d.state(round))) {
		return 0, fmt.Errorf("%w: the state is not one of this server", mcp.ErrInvalidParams)
	}
	return round, nil
}

// answered reports whether each question has an answer of its kind. Other answers
// do not count.
func answered(questions mcp.InputRequests, answers mcp.InputResponses) bool {
	for id, question := range questions {
		if !hasAnswer(question, answers, id) {
			return false
		}
	}
	return true
}

func hasAnswer(question mcp.InputRequest, answers mcp.InputResponses, id string) bool {
	switch question.Method {
	case mcp.MethodElicitationCreate:
		got := mcpserver.ElicitationResponse(answers, id)
		return got != nil && got.Action == mcp.ElicitationResponseActionAccept && got.Content != nil
	case mcp.MethodSamplingCreateMessage:
		return mcpserver.SamplingResponse(answers, id) != nil
	default:
		return mcpserver.RootsResponse(answers, id) != nil
	}
}

// askable leaves out what the client did not declare, where it declared
// anything: the suite's calls without capabilities expect every question.
func askable(ctx context.Context, questions mcp.InputRequests) mcp.InputRequests {
	info := mcpserver.RequestProtocolInfoFromContext(ctx)
	if info == nil || info.ClientCapabilities == nil || info.ClientCapabilities.Sampling == nil || info.ClientCapabilities.Elicitation != nil {
		return questions
	}
	left := mcp.InputRequests{}
	for id, question := range questions {
		if question.Method != mcp.MethodElicitationCreate {
			left[id] = question
		}
	}
	return left
}
