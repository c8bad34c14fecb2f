import { describe, expect, it } from 'vitest';
import { readEvents, type ServerEvent } from '../src/api/sse';

/// A stream that brings `text` in pieces of `size` bytes.
function stream(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
      return undefined;
    },
  });
}

async function all(text: string, size: number): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(stream(text, size))) events.push(event);
  return events;
}

const kText =
  ': waiting\n\nevent: progress\ndata: {"id":"1","name":"Šárka"}\n\n' +
  'event: preview\r\ndata: {"n":2}\r\n\r\n: still there\r\ndata:a\rdata: b\r\rid: 7\nevent: done\ndata: {}\n\n';

describe('events', () => {
  it('are the same wherever the network cuts the stream', async () => {
    const whole = await all(kText, 10_000);
    expect(whole).toEqual([
      { event: 'progress', data: '{"id":"1","name":"Šárka"}' },
      { event: 'preview', data: '{"n":2}' },
      { event: 'message', data: 'a\nb' },
      { event: 'done', data: '{}' },
    ]);
    for (let size = 1; size < 40; ++size) expect(await all(kText, size)).toEqual(whole);
  });

  it('that were not finished are dropped', async () => {
    expect(await all('event: progress\ndata: {"half"', 5)).toEqual([]);
    expect(await all('event: progress\ndata: {}\n', 5)).toEqual([]);
  });

  it('without data are none', async () => expect(await all('event: done\n\n', 3)).toEqual([]));

  it('that are left early let the stream go', async () => {
    let left = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('data: x\n\n')),
      cancel: () => {
        left = true;
      },
    });
    for await (const event of readEvents(endless)) {
      expect(event.data).toBe('x');
      break;
    }
    expect(left).toBe(true);
  });
});
