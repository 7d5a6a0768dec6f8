// The log on standard error: lines of JSON for programs, and for a person who sits at a terminal words.

import { writeSync } from 'node:fs'
import pino, { type DestinationStream, type Logger } from 'pino'

const STANDARD_ERROR = 2
/** A pipe whose reader is slow may not take a line at once: so often it is tried again, after so many milliseconds. */
const TRIES = 50
const AGAIN_MS = 2

/** @param terminal  whether a person reads it. */
export function createLog(level: string, terminal = process.stderr.isTTY === true): Logger {
  const options = {
    level,
    base: null, // the process and the machine are known to whoever gathers logs
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  }
  return pino(options, terminal ? forPeople(say) : { write: say })
}

/** The last line could not be written whole. */
let isTorn = false

/**
 * Writes at once, or the last words of a process that ends would be lost. What cannot be written is lost, and the server
 * goes on: the terminal has gone, and who sat there with it; or the log lies on the disk that is full.
 */
function say(text: string): void {
  const bytes = Buffer.from(isTorn ? `\n${text}` : text)
  let written = 0
  for (let tries = 0; written < bytes.length && tries < TRIES; ) {
    try {
      written += writeSync(STANDARD_ERROR, bytes, written)
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') break
      Bun.sleepSync(AGAIN_MS)
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

/** Nothing but these: libraries hang all kinds of things on their errors, what was sent among them. */
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

/** A line of JSON as `12:00:00 warn answered id=a1 status=503`, an error with its stack below it. */
export function forPeople(write: (text: string) => void): DestinationStream {
  return {
    write(line) {
      const { time, level, msg, err, ...facts } = JSON.parse(line)
      const pairs = Object.entries(facts).map(([name, value]) => `${name}=${printable(value)}`)
      const said = [clockTime(time), String(level).padEnd(5), msg, ...pairs].join(' ')
      write(err === undefined ? `${said}\n` : `${said}\n${indented(err)}\n`)
    },
  }
}

function clockTime(time: string): string {
  return new Date(time).toTimeString().slice(0, 8)
}

/** Quoted where it is no plain word: what a client sends must not move the cursor of a terminal. */
function printable(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : escaped(JSON.stringify(value))
}

function indented({ type, message, stack, cause }: ErrorFacts): string {
  const text = (stack ?? `${type}: ${message}`).split('\n').map(escaped).join('\n  ')
  return cause ? `  ${text}\n  caused by\n${indented(cause)}` : `  ${text}`
}

function escaped(text: string): string {
  return text.replaceAll(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
