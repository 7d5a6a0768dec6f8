// The definition of a feature. Each feature folder has one in `feature.ts`; server/features.ts lists them all.

import type { AnyElysia } from 'elysia'
import type { Metric } from '../lib/metrics'
import type { MaintenanceSettings } from '../lib/server-settings'

/** @template Services  the services that the feature needs: those of its own layer. */
export interface Feature<in Services> {
  name: string
  /** One Elysia plugin for each group of routes. */
  routes?: (services: Services) => AnyElysia[]
  metrics?: (services: Services) => Metric[]
  tasks?: MaintenanceTask<Services>[]
  /** Repairs what a crash left, before the server listens. If it throws, the server does not start. */
  prepare?: (services: Services) => Promise<void>
  /** Called when the server stops. Ends open streams, because the server waits for every request. */
  close?: (services: Services) => void
  /** Writes what is still in memory. Called after the last request. */
  flush?: (services: Services) => Promise<void>
}

/** Work that a server does by itself while it serves. It runs at the start, at an interval, or both. */
export interface MaintenanceTask<in Services> {
  name: string
  atStart?: boolean
  /** A run is skipped while the previous one is still running. */
  everyMs?: number
  /** What the log says when it fails. */
  failure: string
  /** @param stop  aborted when the server stops. The task then ends soon. */
  run: (services: Services, settings: MaintenanceSettings, stop: AbortSignal) => Promise<void>
  /** The server waits until the task has ended. For other tasks it waits a second at most. */
  mustEnd?: boolean
}
