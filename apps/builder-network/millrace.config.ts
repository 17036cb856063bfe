import { defineConfig } from 'millrace'
import * as models from './models/index.ts'

export default defineConfig({
  define: [models],
  extensions: ['pg_trgm'],
})
