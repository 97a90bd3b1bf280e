"""One invented company, seeded: Brightwater Instruments, its customers, its sellers, and the truth of every outcome."""

from extract.demo.write import DemoReport, write_demo

__all__ = ["DemoReport", "write_demo"]
