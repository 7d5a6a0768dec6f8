// Keeps the bundled files of the page (page/index.html) in memory. A file is compressed when it is first asked for.

import { basename, extname, resolve } from 'node:path'
import { StaticResponse } from '../http/response/representations'
import page from './page/index.html'

/** A file of the page. Every name except the page's own contains a hash of the content. */
export interface Asset {
  type: string
  content: StaticResponse
}

export interface Assets {
  page: Asset
  /** By their names below /dashboard/. */
  files: ReadonlyMap<string, Asset>
}

export const BASE = '/dashboard/'

let loading: Promise<Assets> | undefined

/** Reads all files at the first call; later calls share the result. */
export function loadAssets(): Promise<Assets> {
  loading ??= load()
  return loading
}

async function load(): Promise<Assets> {
  const bundled = await bundledFiles()
  const names = bundled.map(({ name }) => name)
  const texts = new Map<string, string>()
  for (const { name, content } of bundled) texts.set(name, rebase(await content.text(), names))
  const files = new Map<string, Asset>()
  let page: Asset | undefined
  for (const { name, type } of bundled) {
    const text = texts.get(name) ?? ''
    if (extname(name) === '.html') page = toAsset(type, withPreloads(text, texts))
    else files.set(name, toAsset(type, text))
  }
  if (!page) throw new Error('the dashboard was not bundled')
  return { page, files }
}

/** Adds preload links, so that the browser loads the script's imports together with the script, not after it. */
function withPreloads(html: string, texts: ReadonlyMap<string, string>): string {
  const script = /<script[^>]* src="([^"]+)"/.exec(html)?.[1] ?? ''
  const imported = (texts.get(basename(script)) ?? '').matchAll(/\bfrom\s*"(\/dashboard\/[^"]+)"/g)
  const links = [...imported].map(([, path]) => `<link rel="modulepreload" crossorigin href="${path}">`)
  return html.replace('</head>', `${links.join('')}</head>`)
}

/** The executable contains the bundled files; when run from the sources, Bun bundles them now. */
async function bundledFiles(): Promise<{ name: string; type: string; content: Blob }[]> {
  if (page.files) {
    return page.files.map(({ path, headers }) => ({
      name: basename(path),
      type: headers['content-type'],
      content: Bun.file(path),
    }))
  }
  const entrypoints = [resolve(import.meta.dir, page.index)]
  const { outputs } = await Bun.build({ entrypoints, minify: true, splitting: true, target: 'browser' })
  return outputs.map((output) => ({ name: basename(output.path), type: output.type, content: output }))
}

/** Puts /dashboard/ into the files' references to each other: the bundler expects the files at the root of the site. */
function rebase(text: string, names: string[]): string {
  return names.reduce((text, name) => {
    const quoted = new RegExp(`(["'])\\.?/${RegExp.escape(name)}\\1`, 'g')
    return text.replaceAll(quoted, `$1${BASE}${name}$1`)
  }, text)
}

function toAsset(type: string, text: string): Asset {
  return { type, content: new StaticResponse(new Blob([text]), 'small') }
}
