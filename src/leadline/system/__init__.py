"""Files, processes, threads and memory: what every other package builds on."""
