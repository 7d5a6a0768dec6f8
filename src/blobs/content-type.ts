// What a file is called on the wire. By its name alone: lists would have to unpack every content otherwise. Files
// come from whoever runs tests, so nothing may run in the reader's browser, with the rights of this server's pages.

import { extname } from 'node:path/posix'

const TEXT = 'text/plain; charset=utf-8'
const BINARY = 'application/octet-stream'

const types: Record<string, string> = {
  json: 'application/json',
  xml: 'application/xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  ...Object.fromEntries(
    // What the files of Avocado and its plugins are named that are no text.
    [
      ...['gz', 'tgz', 'bz2', 'xz', 'lzma', 'zst', 'zip', 'tar', '7z', 'rpm', 'deb'],
      ...['sqlite', 'db', 'pickle', 'pyc', 'so', 'o', 'exe', 'core', 'dump', 'vmcore', 'pcap', 'pdf', 'data'],
      ...['img', 'iso', 'qcow2', 'raw', 'bin', 'ppm', 'webm', 'ogg', 'mp4', 'avi', 'wav'],
    ].map((extension) => [extension, BINARY]),
  ),
}

/** The media type of a file. HTML, SVG and scripts are text: to be read, not run. */
export function contentType(path: string): string {
  const extension = extname(path).slice(1).toLowerCase()
  return Object.hasOwn(types, extension) ? (types[extension] ?? TEXT) : TEXT
}

/** Whether it may be shown as a page, to those who ask for that. */
export function isReport(path: string): boolean {
  return /\.html?$/i.test(path)
}

/** Whether packing makes a file of this type smaller: most others are packed already. */
export function isPackable(type: string): boolean {
  return type !== BINARY && !type.startsWith('image/')
}
