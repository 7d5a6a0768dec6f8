// Loaded before a server's own code: its writer's thread breaks down when it is told of a change that mentions
// BREAK_DOWN, by an error that nobody catches.

declare const self: Worker

const BREAK_DOWN = 'break down'

if (Bun.isMainThread) {
  globalThis.Worker = class extends Worker {
    constructor(entry: string | URL, options?: WorkerOptions) {
      super(entry, { ...options, preload: [import.meta.path] })
    }
  }
} else {
  self.addEventListener('message', ({ data }: MessageEvent) => {
    if (JSON.stringify(data).includes(BREAK_DOWN)) throw new Error('broken down')
  })
}
