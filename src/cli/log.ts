// Writes the log to standard error: JSON lines for programs, plain text on a terminal.

import { writeSync } from 'node:fs'
import pino, { type DestinationStream, type Logger } from 'pino'

const STANDARD_ERROR = 2
/** How many times to write to a pipe that is full because its reader is slow, and how long to wait in between. */
const TRIES = 50
const RETRY_AFTER_MS = 2

/** @param terminal  whether standard error is a terminal. */
export function createLog(level: string, terminal = process.stderr.isTTY === true): Logger {
  const options = {
    level,
    base: null, // no process id and host name: log collectors add them
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  }
  return pino(options, terminal ? createPrettyStream(writeNow) : { write: writeNow })
}

/** Whether only a part of the last line was written. */
let isTorn = false

/**
 * Writes synchronously, so that a process that exits does not lose its last lines. Text that cannot be written is lost,
 * and the server goes on: the terminal may be closed, or the disk with the log full.
 */
function writeNow(text: string): void {
  const bytes = Buffer.from(isTorn ? `\n${text}` : text)
  let written = 0
  for (let tries = 0; written < bytes.length && tries < TRIES; ) {
    try {
      written += writeSync(STANDARD_ERROR, bytes, written)
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') break
      Bun.sleepSync(RETRY_AFTER_MS)
      tries++
    }
  }
  if (written > 0) isTorn = written < bytes.length
}

interface ErrorFacts {
  type: string
  message: string
  code?: unknown
  stack?: string | undefined
  cause?: ErrorFacts
}

/** Logs no other properties of an error: libraries add properties of their own, such as the data that was sent. */
function describeError(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause !== undefined && { cause: describeError(cause) }),
  }
}

/** Makes a stream that writes JSON lines as `12:00:00 warn answered id=a1 status=503`, with an error's stack below. */
export function createPrettyStream(write: (text: string) => void): DestinationStream {
  return {
    write(line) {
      const { time, level, msg, err, ...facts } = JSON.parse(line)
      const pairs = Object.entries(facts).map(([name, value]) => `${name}=${quote(value)}`)
      const text = [clockTime(time), String(level).padEnd(5), msg, ...pairs].join(' ')
      write(err === undefined ? `${text}\n` : `${text}\n${formatStack(err)}\n`)
    },
  }
}

function clockTime(time: string): string {
  return new Date(time).toTimeString().slice(0, 8)
}

/** Quotes and escapes anything but a plain word: text from a client must not control the terminal. */
function quote(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value)
    ? value
    : escapeNonPrintable(JSON.stringify(value))
}

function formatStack({ type, message, stack, cause }: ErrorFacts): string {
  const text = (stack ?? `${type}: ${message}`).split('\n').map(escapeNonPrintable).join('\n  ')
  return cause ? `  ${text}\n  caused by\n${formatStack(cause)}` : `  ${text}`
}

function escapeNonPrintable(text: string): string {
  return text.replaceAll(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
