import { readdirSync, readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

/** Whose code or font is in the page: their licences ask that their notices go with it. */
const GUESTS = ["svelte", "clsx", "esm-env", "lightweight-charts", "fancy-canvas", "@fontsource-variable/inter"];

function notice(guest: string): string {
  const folder = `node_modules/${guest}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as Record<string, string>;
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice)(\.|$)/i.test(name));
  const texts = files.map((name) => readFileSync(`${folder}/${name}`, "utf8").trim());
  return [`${guest} ${version}, ${license}`, ...texts].join("\n\n");
}

const licences: Plugin = {
  name: "licences",
  apply: "build",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "licences.txt", source: GUESTS.map(notice).join(`\n\n${"-".repeat(80)}\n\n`) });
  },
};

export default defineConfig({
  plugins: [svelte(), licences],
  build: { outDir: "../static", emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { include: ["src/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
