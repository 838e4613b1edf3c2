// The official TypeScript libraries behind the one shape that job.mjs uses.
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HTTPV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as ClientV2, StreamableHTTPClientTransport as HTTPV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';

const self = { name: 'browseract-mcp-test', version: '1' };
const pinned = { versionNegotiation: { mode: { pin: '2026-07-28' } } };

// Each connects to a target: the URL of a server, or the command that starts one,
// with the variables that it wants.
export const libraries = [
  {
    name: 'TypeScript SDK 1', revision: '2025-11-25',
    connect: (target) => connect(new ClientV1(self), transport(target, StdioV1, HTTPV1)),
  },
  {
    name: 'TypeScript SDK 2', revision: '2025-11-25',
    connect: (target) => connect(new ClientV2(self), transport(target, StdioV2, HTTPV2)),
  },
  {
    name: 'TypeScript SDK 2', revision: '2026-07-28',
    connect: (target) => connect(new ClientV2(self, pinned), transport(target, StdioV2, HTTPV2)),
  },
];

function transport({ url, command, env }, Stdio, HTTP) {
  if (url) return new HTTP(new URL(url));
  return new Stdio({ command: command[0], args: command.slice(1), env, stderr: 'ignore' });
}

async function connect(client, transport) {
  const errors = [];
  client.onerror = (error) => errors.push(error.message);
  await client.connect(transport);
  await client.listTools(); // for the output schemas, against which the library validates
  return {
    errors,
    call: (name, args, options) =>
      // v1 takes a schema of the result as its second argument.
      client instanceof ClientV1
        ? client.callTool({ name, arguments: args }, undefined, options)
        : client.callTool({ name, arguments: args }, options),
    close: () => client.close(),
  };
}
