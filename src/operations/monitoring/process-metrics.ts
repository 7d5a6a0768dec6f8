// The metrics of the process, with the names that all Prometheus clients use. It does not use prom-client's collectors:
// half of them measure what Bun does not have, and one wakes the process a hundred times a second.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { counter, gauge, type Metric } from '../../lib/metrics'

const DESCRIPTORS = '/proc/self/fd'
const MICROSECONDS = 1_000_000

export function processMetrics(): Metric[] {
  const startedAt = Date.now() / 1000 - process.uptime()
  return [
    counter({ name: 'process_cpu_user_seconds_total', help: 'Processor time of the program.' }, () => [
      [{}, process.cpuUsage().user / MICROSECONDS],
    ]),
    counter(
      { name: 'process_cpu_system_seconds_total', help: 'Processor time of the system for the program.' },
      () => [[{}, process.cpuUsage().system / MICROSECONDS]],
    ),
    gauge({ name: 'process_resident_memory_bytes', help: 'Memory in use.' }, () => [
      [{}, process.memoryUsage.rss()],
    ]),
    gauge({ name: 'process_start_time_seconds', help: 'When the program started, since 1970.' }, () => [
      [{}, startedAt],
    ]),
    ...(existsSync(DESCRIPTORS) ? linuxMetrics() : []),
  ]
}

function linuxMetrics(): Metric[] {
  return [
    gauge(
      { name: 'process_open_fds', help: 'Open files and sockets.' },
      () => [[{}, readdirSync(DESCRIPTORS).length - 1]], // without the one that reads the folder
    ),
    gauge({ name: 'process_max_fds', help: 'How many of those there may be.' }, () => {
      const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
      return limit === undefined ? [] : [[{}, Number(limit)]]
    }),
  ]
}
