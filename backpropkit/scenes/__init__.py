"""Scenes: what an explorer shows, drawn once and bound to a program that moves it."""

from .scene import Scene as Scene
from .scene import Script as Script
