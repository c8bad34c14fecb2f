/// Server-sent events from a stream that fetch() opened: EventSource cannot send a key.

export interface ServerEvent {
  event: string;
  data: string;
}

/// Reads lines as they come; yields an event at each empty line (HTML standard, "event stream
/// interpretation"). Comments keep the connection alive and are passed over.
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let event = '';
  let data: string[] = [];
  for await (const line of readLines(stream)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
}

/// Lines end with LF, CR LF or CR, wherever the network cut the stream.
async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      // A CR at the end may be the first half of CR LF.
      const end = !done && rest.endsWith('\r') ? rest.length - 1 : rest.length;
      const lines = rest.slice(0, end).split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? '') + rest.slice(end);
      yield* lines;
      if (done) return; // a line that was not ended is dropped, as the standard says
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
